import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync("demo", { recursive: true, encoding: "utf8" }).map((file) => join("demo", file));
const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
const folderOf = (file: string) => dirname(file).split(sep).slice(0, 2).join("/");

test("pages import their own files, ui, the public entries of gpugrad and the chart library", () => {
  expect(sources.length).toBeGreaterThan(10);
  const foreign = sources.flatMap((from) =>
    [...readFileSync(from, "utf8").matchAll(/(?:\bfrom |^import |\bimport\(\s*|new URL\(\s*)"([^"]+)"/gm)]
      .map(([, name = ""]) => (name.startsWith(".") ? join(dirname(from), name) : name))
      .filter((to) => {
        if (["gpugrad", "gpugrad/check", "d3-dsv", "uplot"].includes(to)) return false;
        return ![folderOf(from), "demo/ui"].includes(folderOf(to));
      })
      .map((to) => `${from} → ${to}`),
  );
  expect(foreign).toEqual([]);
});

test("no page makes markup of a string", () => {
  const markup = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTML|DOMParser/;
  expect(sources.filter((file) => markup.test(readFileSync(file, "utf8")))).toEqual([]);
});

test("a demo has a page, a meta and words of its own", () => {
  const demos = files.filter((file) => /^demo\/[^/]+\/index\.html$/.test(file)).map(dirname);
  expect(demos.length).toBeGreaterThan(0);
  const missing = demos.flatMap((demo) =>
    ["main.ts", "meta.ts", "text.ts", "picture-light.webp", "picture-dark.webp"]
      .map((name) => join(demo, name))
      .filter((f) => !files.includes(f)),
  );
  expect(missing).toEqual([]);
  const heavy = demos.flatMap((demo) =>
    ["light", "dark"].map((scheme) => join(demo, `picture-${scheme}.webp`)).filter((f) => statSync(f).size > 40 * 1024),
  );
  expect(heavy).toEqual([]);
});

test("numbers are written by ui/format.ts alone, whatever language the browser speaks", () => {
  const others = sources.filter((file) => file !== join("demo", "ui", "format.ts"));
  expect(others.filter((file) => /toLocaleString|NumberFormat/.test(readFileSync(file, "utf8")))).toEqual([]);
});
