// Reads the control plane of the world this page was opened in, and shows what it says.
// Every address is relative to the page, and every text from outside goes in as text.

const HERE = new URL(".", location.href);
const CONTROL = new URL("_greenroom/", HERE);
const SHOWN_WORLDS = 200;

const byId = (id) => document.getElementById(id);
let token = "";

class LockedError extends Error {}

async function ask(address) {
  const headers = token ? { Authorization: `Bearer ${bytes(token)}` } : {};
  const answer = await fetch(address, { headers, cache: "no-store" });
  if (answer.status === 401) throw new LockedError(address);
  if (!answer.ok) {
    const { detail } = await answer.json().catch(() => ({}));
    throw new Error(detail ?? `${new URL(address).pathname} answered ${answer.status}.`);
  }
  return { world: answer.headers.get("X-Greenroom-World"), body: await answer.json() };
}

// A header holds bytes, one character each; a token may hold any characters.
const bytes = (text) => String.fromCharCode(...new TextEncoder().encode(text));

const order = (path) => ask(new URL(path, CONTROL).href);

// --- what is shown ---------------------------------------------------------------------------

function filled(template, texts) {
  const copy = byId(template).content.cloneNode(true);
  const slots = {};
  for (const element of copy.querySelectorAll("[data-slot]")) {
    slots[element.dataset.slot] = element;
    element.textContent = texts[element.dataset.slot] ?? element.textContent;
  }
  return [copy, slots];
}

function showWorld(name) {
  const main = name === "main";
  document.title = main ? "Greenroom" : `${name} · Greenroom`;
  byId("world").textContent = name;
  byId("about").textContent = main
    ? "The one that is always there. Requests without a world’s name come here."
    : "A universe of its own: what happens here happens nowhere else.";
}

function showHealth({ status, version, uptime_seconds: seconds }) {
  const ready = status === "ok";
  byId("health").dataset.ready = String(ready);
  byId("health").textContent =
    `${ready ? "Ready" : status} · version ${version} · up for ${span(seconds)}`;
}

function span(seconds) {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["second", 1];
  return count(Math.floor(seconds / size), unit);
}

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

function showProviders(providers, cast) {
  byId("cards").replaceChildren(
    ...providers.map((provider) =>
      card(provider, cast.filter((person) => person.provider === provider.name)),
    ),
  );
  if (!providers.length) byId("cards").textContent = "None is served here.";
}

function card(provider, cast) {
  const { name, title, version, base_url: base } = provider;
  const facts = [count(provider.operations, "operation"), version && `API version ${version}`];
  const [copy, slots] = filled("card", { title, facts: facts.filter(Boolean).join(" · ") });
  showLine(slots.base, base);
  const own = new URL(`${encodeURIComponent(name)}/`, HERE);
  const links = { ui: "ui", json: "openapi.json", yaml: "openapi.yaml" };
  for (const [slot, path] of Object.entries(links)) {
    slots[slot].href = new URL(path, own).href;
    slots[slot].append(hidden(` of ${title}`));
  }
  copies(slots.copy, slots.base, `the base URL of ${title}`);
  const tenants = [...new Set(cast.map((person) => person.tenant))];
  const rows = cast.map((person) => row(person, title, base, tenants.indexOf(person.tenant)));
  slots.cast.append(...rows.map(([element]) => element));
  ask(new URL("openapi.json", own).href)
    .then(({ body }) => rows.forEach(([, tell]) => tell(body)))
    .catch(() => {}); // the lines stay as they are: they sign in, and end at the base URL
  return copy;
}

function row(person, title, base, tenant) {
  const part = person.tenant ? `${said(person.role)} in ${person.tenant}` : said(person.role);
  const face = person.who.slice(0, 1).toUpperCase();
  const [copy, slots] = filled("person", { who: person.who, part, face });
  slots.face.dataset.tenant = String(tenant % 4);
  const tell = (spec) => {
    showLine(slots.curl, curlLine(person, base, samplePath(spec, person) ?? "/"));
  };
  tell({});
  copies(slots.copy, slots.curl, `the curl line of ${person.who} for ${title}`);
  return [copy, tell];
}

// An address may go on in the next line after a slash; what is copied has no break.
function showLine(element, line) {
  const parts = line.split(/(?<=[/?&])(?=[^/?&])/);
  element.replaceChildren(...parts.flatMap((part) => [part, document.createElement("wbr")]));
}

const said = (role) => role.replaceAll("_", " ");

function showWorlds(worlds, current) {
  const site = new URL(HERE.pathname.replace(/~[^/]+\/$/, ""), HERE);
  const names = worlds.slice(0, SHOWN_WORLDS).map(({ name }) => {
    const link = document.createElement("a");
    link.textContent = name;
    link.href = worldAddress(site, name);
    if (name === current) link.setAttribute("aria-current", "page");
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  byId("names").replaceChildren(...names);
  const rest = worlds.length - names.length;
  byId("more").textContent = rest > 0 ? `… and ${count(rest, "more world")}.` : "";
  byId("open").onsubmit = (event) => {
    event.preventDefault();
    location.assign(worldAddress(site, byId("name").value));
  };
}

const worldAddress = (site, name) =>
  new URL(name === "main" ? "." : `~${encodeURIComponent(name)}/`, site).href;

// --- a line that works -----------------------------------------------------------------------

// The path and query of a reading operation this person can call without knowing more.
function samplePath(spec, person) {
  const presented = new Set([...Object.keys(person.query), ...Object.keys(person.headers)]);
  let best = null;
  for (const [path, item] of Object.entries(spec.paths ?? {})) {
    const operation = item.get;
    if (!operation || operation.security?.length === 0) continue;
    const required = parameters(spec, item, operation).filter((each) => each.required);
    const open = required.filter((each) =>
      each.in === "path" ? !(each.name in person.path) : !presented.has(each.name),
    );
    if (open.length) continue;
    const known = path.replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(person.path[name]));
    if (operation.operationId?.startsWith("list")) return withQuery(known, person);
    best ??= known;
  }
  return best === null ? null : withQuery(best, person);
}

function parameters(spec, item, operation) {
  const found = new Map();
  for (const each of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
    const parameter = each.$ref ? lookUp(spec, each.$ref) : each;
    found.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  return [...found.values()];
}

const lookUp = (spec, pointer) =>
  pointer.slice(2).split("/").reduce(
    (node, step) => node?.[step.replaceAll("~1", "/").replaceAll("~0", "~")] ?? {},
    spec,
  );

function withQuery(path, person) {
  const query = new URLSearchParams(person.query).toString();
  return query ? `${path}?${query}` : path;
}

function curlLine(person, base, path) {
  const headers = Object.entries(person.headers).flatMap(([name, value]) => [
    "-H",
    `${name}: ${value}`,
  ]);
  return ["curl", "-s", ...headers, base + path].map(quoted).join(" ");
}

const quoted = (word) =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;

// --- copying ---------------------------------------------------------------------------------

function copies(button, source, what) {
  const rest = () => button.replaceChildren("Copy", hidden(` ${what}`));
  let timer = 0;
  button.type = "button";
  button.onclick = async () => {
    const copied = await copyText(source);
    say(copied ? `Copied ${what}.` : "The browser refused; the line is selected, press Ctrl+C.");
    if (!copied) return;
    button.replaceChildren("Copied", hidden(` ${what}`));
    button.classList.add("done");
    clearTimeout(timer);
    timer = setTimeout(() => {
      button.classList.remove("done");
      rest();
    }, 2000);
  };
  rest();
}

async function copyText(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(element); // not a secure address: the old way
    const copied = document.execCommand("copy");
    if (copied) getSelection().removeAllRanges();
    return copied;
  }
}

function say(text) {
  byId("said").textContent = "";
  requestAnimationFrame(() => {
    byId("said").textContent = text;
  });
}

function hidden(text) {
  const element = document.createElement("span");
  element.className = "hidden";
  element.textContent = text;
  return element;
}

// --- the clock -------------------------------------------------------------------------------

const clock = { at: Number.NaN, read: 0, frozen: true };
const utc = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const TIME = utc({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = utc({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

function showClock({ now, frozen }) {
  Object.assign(clock, { at: Date.parse(now), read: performance.now(), frozen });
  byId("pace").textContent = frozen ? "stands still" : "is running";
  byId("pace").dataset.frozen = String(frozen);
  tick();
}

function tick() {
  if (Number.isNaN(clock.at)) return;
  const now = new Date(clock.at + (clock.frozen ? 0 : performance.now() - clock.read));
  byId("now").textContent = TIME.format(now);
  byId("now").dateTime = now.toISOString();
  byId("day").textContent = `${DAY.format(now)}, UTC`;
}

setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !byId("main").classList.contains("loaded")) return;
  order("clock").then(({ body }) => showClock(body), () => {});
});

// --- the whole -------------------------------------------------------------------------------

async function load() {
  const { world, body: health } = await order("health"); // a locked door is knocked on once
  const [providers, cast, time, worlds] = await Promise.all([
    order("providers"),
    order("credentials"),
    order("clock"),
    order("worlds").catch(() => null), // an emulator without that list still has this world
  ]);
  const name = world ?? "main";
  showWorld(name);
  showHealth(health);
  showClock(time.body);
  showProviders(providers.body, cast.body);
  showWorlds(worlds?.body ?? [{ name }], name);
}

function show(state) {
  byId("main").classList.toggle("loaded", state === "loaded");
  byId("main").removeAttribute("aria-busy");
  document.body.classList.remove("waiting");
  byId("gate").hidden = state !== "locked";
  byId("trouble").hidden = state !== "trouble";
  for (const element of document.querySelectorAll("[data-loaded]")) {
    element.hidden = state !== "loaded";
  }
  if (state === "locked") { // a link cannot carry the token
    for (const element of document.querySelectorAll("[data-open]")) element.hidden = true;
  }
}

async function start() {
  try {
    await load();
    show("loaded");
    return "loaded";
  } catch (error) {
    const state = error instanceof LockedError ? "locked" : "trouble";
    const why = error instanceof TypeError ? "the server does not answer." : error.message;
    byId("trouble").textContent = `The control plane cannot be read: ${why}`;
    show(state);
    return state;
  }
}

byId("gate").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("wrong").textContent = "";
  token = byId("token").value;
  const state = await start();
  if (state === "loaded") {
    byId("token").value = "";
    byId("world").focus();
  } else if (state === "locked") {
    byId("wrong").textContent = "That is not the token this server was started with.";
    byId("token").select();
  }
});

if ((await start()) === "locked") byId("token").focus();
