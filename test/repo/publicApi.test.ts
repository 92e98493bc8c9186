import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { samples } from "../../src/check/samples.ts";
import * as gpugrad from "../../src/index.ts";

/** Ops that appear under another name or are part of the training step alone. */
const INNER = ["copy", "input", "output", "pack", "sigmoidCrossEntropy", "binaryCrossEntropy", "softmaxCrossEntropy"];

test("index.ts re-exports and does nothing else", () => {
  const text = readFileSync("src/index.ts", "utf8").replace(/\/\/.*$/gm, "");
  const rest = text.replace(/export (?:type )?(?:\{[^}]*\}|\* as \w+) from "\.\/[^"]+";/g, "").trim();
  expect(rest).toBe("");
});

test("every function of the sample table is public", () => {
  const missing = Object.keys(samples).filter((name) => !INNER.includes(name) && !(name in gpugrad));
  expect(missing).toEqual([]);
});

test("the public names are these", () => {
  const { data, history, loss, metrics, nn, optim } = gpugrad;
  const names = (of: object) => Object.keys(of).sort().join(" ");
  expect(names({ ...gpugrad, ...Object.fromEntries(Object.keys(samples).map((name) => [name, 0])) })).toMatchSnapshot();
  expect(names(nn)).toMatchSnapshot("nn");
  expect(names(loss)).toMatchSnapshot("loss");
  expect(names(optim)).toMatchSnapshot("optim");
  expect(names(optim.schedule)).toMatchSnapshot("optim.schedule");
  expect(names(metrics)).toMatchSnapshot("metrics");
  expect(names(data)).toMatchSnapshot("data");
  expect(names(history)).toMatchSnapshot("history");
});

test("every public function and class has a doc comment where it is defined", () => {
  const undocumented: string[] = [];
  const text = readFileSync("src/index.ts", "utf8");
  for (const [, list = "", file = ""] of text.matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g)) {
    const source = readFileSync(`src/${file}`, "utf8");
    for (const item of list.split(",").map((name) => name.trim().replace(/^type /, ""))) {
      if (item === "") continue;
      const documented = new RegExp(
        `\\*/\\s*\\n(?:// @__NO_SIDE_EFFECTS__\\n)?(?:// biome-ignore.*\\n)?export (?:async )?(?:function\\*?|class|const|type|interface) ${item}\\b`,
      );
      if (!documented.test(source)) undocumented.push(`${file}: ${item}`);
    }
  }
  expect(undocumented).toEqual([]);
});
