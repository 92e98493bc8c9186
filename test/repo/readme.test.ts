// The README's examples run, its links lead somewhere, and its commands exist.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const readme = readFileSync("README.md", "utf8");
const folder = join("dist", "readme-examples"); // inside the package, so that "gpugrad" is the package itself
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Headings and the TypeScript under them; what a comment marks as not run is left out. */
const examples = [...readme.matchAll(/^## (.+)\n[\s\S]*?(?=^## |$(?![\s\S]))/gm)].flatMap(([section, heading = ""]) =>
  [...section.matchAll(/(<!-- not run[^\n]*\n)?```ts\n([\s\S]*?)```/g)]
    .filter(([, isLeftOut]) => !isLeftOut)
    .map(([, , code = ""]): [string, string] => [heading, code]),
);

/** What the examples print, where it is the same on every device. */
const PRINTED: Readonly<Record<string, RegExp>> = {
  "Train a model": /^100 0\.\d+ 1\n200 0\.\d+ 1\n300 0\.\d+ 1\ntrue\n$/,
  Images:
    /^ +layer +output .*\n[\s\S]*\n0 +conv2d\(8, 5×5\) +\[24, 24, 8\] +208 [\s\S]*\n +total +2,810 +2,794 +463,224\n$/,
  "Write your own step": /^true\n$/,
  "Gradients of anything":
    /^Float32Array\(3\) \[ 0, 1\.38\d+, 0\.077\d+ \] Float32Array\(3\) \[ 2, 0\.239\d+, -2\.65\d+ \]\n$/,
  "Keep what was learnt": /^\[ 'body\.weight', 'body\.bias', 'head\.weight', 'head\.bias' \]\n$/,
  "In a page": /^\{ kind: 'paused', step: 300, epoch: 300 \} true\n$/,
};

test.each(examples)("the example of “%s” runs", async (heading, code) => {
  const file = `${heading.replace(/\W+/g, "-")}.mjs`;
  writeFileSync(join(folder, file), code);
  const printed = await new Promise((resolve) => {
    execFile(process.execPath, [file], { cwd: folder }, (error, stdout) => resolve(error ? String(error) : stdout));
  });
  expect(printed).toMatch(PRINTED[heading] as RegExp);
});

test("there are as many examples as expected", () => {
  expect(examples.map(([heading]) => heading)).toEqual(Object.keys(PRINTED));
});

test.each(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"])("links in %s lead to files", (name) => {
  const links = [...readFileSync(name, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});

test("every command that is named exists", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const texts = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"].map((name) => readFileSync(name, "utf8")).join();
  const named = [...texts.matchAll(/npm (?:run ([a-z]+)|(start|test)\b)/g)].map(([, run, other = ""]) => run ?? other);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("where things live: ARCHITECTURE names every folder of src", async () => {
  const { readdirSync } = await import("node:fs");
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const folders = readdirSync("src", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
