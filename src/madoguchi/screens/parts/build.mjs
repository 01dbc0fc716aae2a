// Builds the browser side into static/built/. `--check` compares with what is committed instead,
// `--test` bundles *.test.ts and runs them with node's own test runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../../../..");
const built = path.join(here, "static/built");

async function buildInto(folder) {
  const entries = ["app", "desk", "visitor", "ticker"].map((name) => path.join(here, `src/ts/${name}.ts`)).filter(existsSync);
  // Each screen's own TypeScript lies with the screen.
  entries.push({ in: path.join(here, "../desk/src/desk.ts"), out: "operator" });
  entries.push({ in: path.join(here, "../planning/src/what-if.ts"), out: "what-if" });
  entries.push({ in: path.join(here, "../planning/src/roster.ts"), out: "roster" });
  await build({
    entryPoints: entries, outdir: folder, bundle: true, format: "iife", target: "es2022", minify: true,
    legalComments: "eof", charset: "utf8", logLevel: "warning", absWorkingDir: root,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  run(path.join(root, "node_modules/.bin/tailwindcss"),
    ["--input", path.join(here, "src/css/app.css"), "--output", path.join(folder, "app.css"), "--minify"]);
}

function run(command, options) {
  const done = spawnSync(command, options, { cwd: root, stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (done.status === 0) return;
  console.error(done.stderr);
  process.exit(1);
}

async function check() {
  const fresh = mkdtempSync(path.join(tmpdir(), "madoguchi-built-"));
  await buildInto(fresh);
  const stale = readdirSync(fresh).filter((name) => {
    const committed = path.join(built, name);
    return !existsSync(committed) || !readFileSync(committed).equals(readFileSync(path.join(fresh, name)));
  });
  rmSync(fresh, { recursive: true });
  if (stale.length === 0) return;
  console.error(`static/built/ is stale: ${stale.join(", ")}. Run: npm run build`);
  process.exit(1);
}

async function test() {
  const folder = mkdtempSync(path.join(tmpdir(), "madoguchi-tests-"));
  const sources = readdirSync(path.join(here, "src/ts")).filter((name) => name.endsWith(".test.ts"));
  await build({
    entryPoints: sources.map((name) => path.join(here, "src/ts", name)), outdir: folder, bundle: true,
    platform: "node", format: "esm", outExtension: { ".js": ".mjs" }, logLevel: "warning",
  });
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  const done = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
  rmSync(folder, { recursive: true });
  process.exit(done.status ?? 1);
}

if (process.argv.includes("--check")) await check();
else if (process.argv.includes("--test")) await test();
else await buildInto(built);
