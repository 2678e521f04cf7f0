// Opens the console of a running emulator in a browser, and holds it to its promises.
// usage: node check.mjs GREENROOM CHROMIUM [FOLDER FOR PICTURES]

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [greenroom, executablePath, pictures] = process.argv.slice(2);
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };
const HOSTILE = `<img src=x onerror="document.title='broken in'">`;

const servers = [];

async function serve(...words) {
  const server = spawn(greenroom, ["serve", "--port", "0", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  servers.push(server);
  let found;
  for await (const line of createInterface({ input: server.stdout })) {
    found ??= line.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
    if (line.includes("curl")) break;
  }
  assert(found, "the emulator did not start");
  return found;
}

// A page of its own that collects whatever goes wrong on it.
async function open(browser, address, { forgive = [], before, ...settings } = {}) {
  const context = await browser.newContext({ viewport: SIZES.wide, ...settings });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (!forgive.some((text) => message.text().includes(text))) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL("/", address).href)) wrong.push(request.url());
  });
  await before?.(page);
  await page.goto(address, { waitUntil: "networkidle" });
  return {
    page,
    close: async () => {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

async function accessible(page, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await window.axe.run()).violations);
  const told = found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
  assert.deepEqual(told, [], `axe on ${where}`);
}

async function fits(page, where) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => ({
    scrollWidth: document.documentElement.scrollWidth,
    clientWidth: document.documentElement.clientWidth,
  }));
  assert(scrollWidth <= clientWidth, `${where} is ${scrollWidth} wide in ${clientWidth}`);
}

async function picture(page, name) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
}

const texts = (page, selector) => page.locator(selector).allTextContents();

const checks = {
  async "it looks right at every size, light and dark"(browser, url) {
    for (const colorScheme of ["light", "dark"]) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        const where = `${size}-${colorScheme}`;
        const { page, close } = await open(browser, url, { viewport, colorScheme });
        await fits(page, where);
        await accessible(page, where);
        await picture(page, where);
        await close();
      }
    }
  },

  async "it shows every provider and a line that works for each of the cast"(browser, url) {
    const { page, close } = await open(browser, url);
    const say = (...words) =>
      JSON.parse(execFileSync(greenroom, [...words, "--json"], { encoding: "utf8" }));
    assert.deepEqual(await texts(page, "h3"), say("providers").map(({ title }) => title));
    const lines = say("credentials").map(({ curl }) => curl.replace("http://127.0.0.1:8800", url));
    assert.deepEqual(await texts(page, ".cast code"), lines);
    assert.match(await page.textContent("#health"), /^Ready · version \d/);
    for (const line of lines) {
      const asked = line.replace("curl -s", "curl -s -o /dev/null -w %{http_code}");
      assert.equal(execFileSync("sh", ["-c", asked], { encoding: "utf8" }), "200", line);
    }
    for (const link of await page.locator(".links a, nav a, footer a").all()) {
      const address = new URL(await link.getAttribute("href"), `${url}/`).href;
      assert.equal((await fetch(address)).status, 200, address);
    }
    await close();
  },

  async "a line is copied with the keyboard alone, and it says so"(browser, url) {
    const { page, close } = await open(browser, url, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const button = page.locator(".cast button").first();
    for (let pressed = 0; pressed < 50; pressed += 1) {
      if (await button.evaluate((element) => element === document.activeElement)) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.locator("#said", { hasText: /^Copied the curl line of alice for / }).waitFor();
    const [line] = await texts(page, ".cast code");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), line);
    assert.match(await button.textContent(), /^Copied the curl line of alice/);
    await close();
  },

  async "a line is copied at an address that browsers call insecure"(browser, url) {
    const { page, close } = await open(browser, url, {
      before: (page) =>
        page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined })),
    });
    await page.locator(".cast button").first().press("Enter");
    await page.locator("#said", { hasText: /^Copied / }).waitFor();
    await page.focus("#name");
    await page.evaluate(() => document.getElementById("name").removeAttribute("maxlength"));
    await page.keyboard.press("Control+V");
    assert.equal(await page.inputValue("#name"), (await texts(page, ".cast code"))[0]);
    await close();
  },

  async "below a world’s address it shows that world"(browser, url) {
    await fetch(`${url}/~rehearsal/_greenroom/clock`, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ now: "2031-12-24T18:30:00Z", frozen: true }),
    });
    const { page, close } = await open(browser, `${url}/~rehearsal`);
    assert.equal(new URL(page.url()).pathname, "/~rehearsal/");
    assert.equal(await page.title(), "rehearsal · Greenroom");
    assert.equal(await page.textContent("#world"), "rehearsal");
    assert.equal(await page.textContent("#now"), "18:30:00");
    assert.match(await page.textContent("#day"), /^Wednesday,? 24 December 2031, UTC$/);
    assert.equal(await page.textContent("#pace"), "stands still");
    for (const line of await texts(page, ".cast code")) assert(line.includes(`${url}/~rehearsal/`));
    await picture(page, "world");
    await page.getByRole("link", { name: "main", exact: true }).click();
    await page.waitForURL(`${url}/`);
    await page.fill("#name", "a-new-one");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${url}/~a-new-one/`);
    await page.locator("#names [aria-current]", { hasText: "a-new-one" }).waitFor();
    await close();
  },

  async "what comes from outside is text and nothing else"(browser, url) {
    const answer = (body) => (route) => route.fulfill({ json: body });
    const { page, close } = await open(browser, url, {
      viewport: SIZES.narrow,
      before: async (page) => {
        const person = { provider: "x", who: HOSTILE, tenant: HOSTILE, role: "owner" };
        const keys = { headers: { Authorization: `it's ${"long".repeat(200)}` }, query: {}, path: {} };
        const base_url = `${url}/${"deep".repeat(60)}`;
        await page.route("**/providers", answer([{ name: "x", title: HOSTILE, operations: 1, base_url }]));
        await page.route("**/credentials", answer([{ ...person, ...keys }]));
        await page.route("**/worlds", answer([{ name: "main" }, { name: HOSTILE.repeat(5) }]));
        await page.route("**/x/openapi.json", answer({ paths: {} }));
      },
    });
    assert.equal(await page.title(), "Greenroom");
    assert.deepEqual(await texts(page, "h3"), [HOSTILE]);
    assert.equal(await page.locator("main img").count(), 0);
    assert.match(
      (await texts(page, ".cast code"))[0],
      /^curl -s -H 'Authorization: it'"'"'s longlong/,
    );
    await fits(page, "a page with long words");
    await accessible(page, "a page with long words");
    await close();
  },

  async "a locked control plane asks for the token and forgets it"(browser) {
    const locked = await serve("--control-token", "sesame ☂");
    const { page, close } = await open(browser, locked, { forgive: ["401 (Unauthorized)"] });
    assert(await page.locator("#gate").isVisible());
    assert(!(await page.locator("#providers").isVisible()));
    await accessible(page, "the gate");
    await picture(page, "locked");
    assert(await page.locator("#token").evaluate((field) => field === document.activeElement));
    await page.keyboard.type("wrong");
    await page.keyboard.press("Enter");
    await page.locator("#wrong", { hasText: "That is not the token" }).waitFor();
    await page.fill("#token", "sesame ☂");
    await page.keyboard.press("Enter");
    await page.locator("#providers").waitFor();
    assert(!(await page.locator("#gate").isVisible()));
    await accessible(page, "the unlocked page");
    const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
    assert.deepEqual(kept, [0, 0, ""]);
    await page.reload({ waitUntil: "networkidle" });
    assert(await page.locator("#gate").isVisible());
    await close();
  },

  async "what keeps the page from reading is told in a sentence"(browser, url) {
    const troubles = [
      [{ status: 500 }, "/_greenroom/clock answered 500."],
      [{ status: 403, json: { detail: "Not from here." } }, "Not from here."],
      [null, "the server does not answer."],
    ];
    for (const [answer, told] of troubles) {
      const { page, close } = await open(browser, url, {
        forgive: ["Failed to load resource"],
        before: (page) =>
          page.route("**/clock", (route) => (answer ? route.fulfill(answer) : route.abort())),
      });
      assert.equal(
        await page.textContent("#trouble"),
        `The control plane cannot be read: ${told}`,
      );
      await accessible(page, "the page in trouble");
      await close();
    }
  },
};

if (pictures) mkdirSync(pictures, { recursive: true });
let failed = 0;
const browser = await chromium.launch({ executablePath, args: FLAGS, chromiumSandbox: false });
try {
  const url = await serve();
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check(browser, url);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`failed  ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
  for (const server of servers) server.kill();
}
process.exit(failed ? 1 : 0);
