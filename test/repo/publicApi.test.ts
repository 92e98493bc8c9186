import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { samples } from "../../src/check/samples.ts";
import * as gpugrad from "../../src/index.ts";

/** Ops that appear under another name or are part of the training step alone. */
const INNER = [
  "copy",
  "input",
  "output",
  "pack",
  "sumParts",
  "sumPair",
  "mergeMoments",
  "sigmoidCrossEntropy",
  "binaryCrossEntropy",
  "softmaxCrossEntropy",
];

test("index.ts re-exports and does nothing else", () => {
  const text = readFileSync("src/index.ts", "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const rest = text.replace(/export (?:type )?(?:\{[^}]*\}|\*(?: as \w+)?) from "\.\/[^"]+";/g, "").trim();
  expect(rest).toBe("");
});

test("every function of the sample table is public", () => {
  const missing = Object.keys(samples).filter((name) => !INNER.includes(name) && !(name in gpugrad));
  expect(missing).toEqual([]);
});

test("the public names, apart from ops, are these", () => {
  const { data, history, loss, metrics, nn, optim } = gpugrad;
  const names = (of: object) => Object.keys(of).sort().join(" ");
  const isOp = (name: string) => name in samples || name.endsWith("Ops");
  expect(
    Object.keys(gpugrad)
      .filter((name) => !isOp(name))
      .sort()
      .join(" "),
  ).toMatchSnapshot("apart from ops");
  expect(names(nn)).toMatchSnapshot("nn");
  expect(names(loss)).toMatchSnapshot("loss");
  expect(names(optim)).toMatchSnapshot("optim");
  expect(names(optim.schedule)).toMatchSnapshot("optim.schedule");
  expect(names(metrics)).toMatchSnapshot("metrics");
  expect(names(data)).toMatchSnapshot("data");
  expect(names(history)).toMatchSnapshot("history");
});

/** What `export { … } from` names in an index, and what the files behind its `export *` export: [file, name]. */
function exported(index: string): [string, string][] {
  const folder = dirname(index);
  const text = readFileSync(index, "utf8");
  const named = [...text.matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g)].flatMap(
    ([, list = "", file = ""]) =>
      list
        .split(",")
        .map((name) => name.trim().replace(/^type /, ""))
        .filter((name) => name !== "")
        .map((name): [string, string] => [join(folder, file), name]),
  );
  const stars = [...text.matchAll(/export \*(?: as \w+)? from "\.\/([^"]+)"/g)].flatMap(([, file = ""]) => {
    const path = join(folder, file);
    if (/(^|\/)index\.ts$/.test(file)) return exported(path);
    const names = readFileSync(path, "utf8").matchAll(
      /^export (?:async )?(?:function\*?|class|const|type|interface) (\w+)/gm,
    );
    return [...names].map(([, name = ""]): [string, string] => [path, name]);
  });
  return [...named, ...stars];
}

test("every public name has a doc comment where it is defined", () => {
  const undocumented = exported("src/index.ts").filter(([file, name]) => {
    const definition = `export (?:async )?(?:function\\*?|class|const|type|interface) ${name}\\b`;
    return !new RegExp(`\\*/\\s*\\n(?://.*\\n)*${definition}`).test(readFileSync(file, "utf8"));
  });
  expect(undocumented.map(([file, name]) => `${file}: ${name}`)).toEqual([]);
});
