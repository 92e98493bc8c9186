import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

// From the ground up; "." is src itself. Parts of one layer do not know each other, but for those around `nn`, which build on one another.
const LAYERS = [
  "core",
  "graph",
  "ops",
  "passes",
  "wgsl",
  "cpu gpu",
  ".",
  "nn loss optim metrics data train",
  "check",
  "node",
  "cli",
];
const FACES = ["src/index.ts", "src/node.ts"];
const FREE = LAYERS.findIndex((layer) => layer.startsWith("nn"));

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
  .map((file) => join("src", file));
const partOf = (file: string) => file.match(/^src\/([^/]+)\//)?.[1] ?? ".";
const layerOf = (file: string) => LAYERS.findIndex((layer) => layer.split(" ").includes(partOf(file)));

/** What a source file imports, resolved where it is relative. */
const importsOf = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/(?:^(?:import|export)\b[^;"]*?|\bimport\()"([^"]+)"/gm)].map(
    ([, name = ""]) => (name.startsWith(".") ? join(dirname(file), name) : name),
  );

test("every source file lies in a layer", () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.filter((file) => layerOf(file) < 0)).toEqual([]);
});

test("imports go downwards only", () => {
  const upwards = sources.flatMap((from) =>
    importsOf(from)
      .filter((to) => to.startsWith("src/") && !FACES.includes(from))
      .filter((to) => {
        if (FACES.includes(to)) return partOf(from) !== "cli";
        if (partOf(to) === partOf(from)) return false;
        return layerOf(to) > layerOf(from) || (layerOf(to) === layerOf(from) && layerOf(from) !== FREE);
      })
      .map((to) => `${from} → ${to}`),
  );
  expect(upwards).toEqual([]);
});

test("only the parts for Node know Node, and only one file knows Dawn", () => {
  const knowing = (pattern: RegExp) => sources.filter((file) => importsOf(file).some((name) => pattern.test(name)));
  expect(knowing(/^node:/).filter((file) => !/^src\/(node|cli)\/|Node\.ts$/.test(file))).toEqual([]);
  expect(knowing(/^webgpu$/)).toEqual(["src/node/dawn.ts"]);
});
