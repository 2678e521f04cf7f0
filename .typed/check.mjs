// A TypeScript client of every spec given: each operation is in it, each body has a type, and the
// compiler is content. `node check.mjs SPEC…`; what is generated lies in out/.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "out");
const METHODS = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
const wrongs = [];

function operations(spec) {
  return Object.values(spec.paths).flatMap((item) =>
    METHODS.filter((method) => item[method]).map((method) => item[method].operationId),
  );
}

// What stands between `NAME: {` and its closing brace in generated code, which is indented by fours.
function block(code, start) {
  const from = code.indexOf(start);
  return from < 0 ? "" : code.slice(from, code.indexOf("\n    };", from));
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out);
for (const path of process.argv.slice(2)) {
  const name = basename(path, ".yaml");
  const spec = parse(readFileSync(path, "utf8"), { merge: true });
  const code = astToString(await openapiTS(spec));
  writeFileSync(join(out, `${name}.ts`), code);
  const section = code.slice(code.indexOf("export interface operations"));
  let untyped = 0;
  const ids = operations(spec);
  for (const id of ids) {
    const key = /^[A-Za-z_$][\w$]*$/.test(id) ? id : JSON.stringify(id);
    const body = block(section, `\n    ${key}: {`);
    if (!body) wrongs.push(`${name}: ${id} is not in the client`);
    for (const [line] of body.matchAll(/"application\/[^"]*json": (unknown|any|never);/g)) {
      untyped += 1;
      wrongs.push(`${name}: ${id} has a body without a type: ${line}`);
    }
  }
  console.log(`${name}: ${ids.length} operations, ${untyped} bodies without a type`);
}
const compiler = join(here, "node_modules", "typescript", "bin", "tsc");
const files = process.argv.slice(2).map((path) => join(out, `${basename(path, ".yaml")}.ts`));
try {
  execFileSync(process.execPath, [compiler, "--strict", "--noEmit", "--skipLibCheck", "false", ...files], {
    stdio: "inherit",
  });
  console.log("tsc --strict has nothing to say");
} catch {
  wrongs.push("tsc is not content");
}
for (const wrong of wrongs) console.error(wrong);
process.exit(wrongs.length ? 1 : 0);
