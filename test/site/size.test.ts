// What a visitor of a page downloads: all its JavaScript, chunks that are loaded on demand and workers included. Of the kernels for GPUs and
// those for software adapters a device loads one; the larger counts.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { demos } from "./site.ts";

const MOST = 120 * 1024;
const ASSETS = "dist/site/assets";
const FAMILIES = /^matmul(Tiled|Outer)-/;

/** The scripts that `text` names, and those that these name in turn. */
function scriptsIn(text: string, found = new Set<string>()): Set<string> {
  for (const name of readdirSync(ASSETS).filter((file) => file.endsWith(".js"))) {
    if (found.has(name) || !text.includes(name)) continue;
    found.add(name);
    scriptsIn(readFileSync(join(ASSETS, name), "utf8"), found);
  }
  return found;
}

test.each(["", ...demos])("page %j loads at most 120 KB of JavaScript", (name) => {
  const scripts = scriptsIn(readFileSync(join("dist/site", name, "index.html"), "utf8"));
  const size = (file: string) => gzipSync(readFileSync(join(ASSETS, file)), { level: 9 }).length;
  const families = [...scripts].filter((file) => FAMILIES.test(file)).map(size);
  const others = [...scripts].filter((file) => !FAMILIES.test(file)).map(size);
  const sum = others.reduce((total, each) => total + each, Math.max(0, ...families));
  console.log(`${name || "gallery"}: ${(sum / 1024).toFixed(1)} KB gzip in ${scripts.size} files`);
  expect(scripts.size).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual(MOST);
});
