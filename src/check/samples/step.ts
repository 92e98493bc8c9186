// Samples of what a training step is made of besides arithmetic: random numbers, and state that is packed, watched and logged.
import { OptionError } from "../../core/error.ts";
import { output } from "../../graph/define.ts";
import type { Node } from "../../graph/node.ts";
import { dropout, randomBernoulli, randomNormal, randomUniform } from "../../ops/random.ts";
import { copy, pack, unpack } from "../../ops/state.ts";
import { leaf, type Row, refuses, type Sample, sample } from "../sample.ts";

/** A training step as counter. */
const COUNTER = { shape: [], dtype: "u32", values: { list: [7] } } as const;
const source = (counter: Node | undefined) => ({ seed: 3, stream: 1, counter: counter as Node });
const drawing = (draw: (from: ReturnType<typeof source>) => Node, name: string): Sample =>
  sample([COUNTER], (counter) => draw(source(counter)), { name, smooth: false });
const NOT_A_COUNTER = (name: string, call: (counter: Node) => Node) =>
  refuses(new RegExp(`^${name}: the counter must be u32 \\[\\]: got f32 \\[2\\]`), () => call(leaf([2])));

export const stepRows = {
  randomUniform: {
    samples: [
      drawing((from) => randomUniform([17], from), "[17]"),
      drawing((from) => randomUniform([3, 65], from, -2, 5), "−2 … 5"),
      drawing((from) => randomUniform([], from), "one number"),
      drawing((from) => randomUniform([0], from), "none"),
    ],
    refusals: [NOT_A_COUNTER("randomUniform", (counter) => randomUniform([2], source(counter)))],
  },
  randomNormal: {
    samples: [
      drawing((from) => randomNormal([1025], from), "[1025]"),
      drawing((from) => randomNormal([3, 5], from, 2, 0.1), "around 2"),
    ],
    refusals: [NOT_A_COUNTER("randomNormal", (counter) => randomNormal([2], source(counter)))],
  },
  randomBernoulli: {
    samples: [drawing((from) => randomBernoulli([129], from, 0.3), "[129]")],
    refusals: [
      {
        error: OptionError,
        message: /^randomBernoulli: probability must be in 0 … 1: got 2/,
        call: () => randomBernoulli([2], source(leaf([], "u32")), 2),
      },
    ],
  },
  dropout: {
    samples: [
      sample([[3, 65], COUNTER], (x, counter) => dropout(x as Node, 0.4, source(counter)), { name: "0.4" }),
      sample([[5], COUNTER], (x, counter) => dropout(x as Node, 1, source(counter)), {
        name: "everything",
        smooth: false,
      }),
      sample([[5], COUNTER], (x, counter) => dropout(x as Node, 0, source(counter)), { name: "nothing" }),
    ],
    refusals: [
      {
        error: OptionError,
        message: /^dropout: rate must be in 0 … 1: got -1/,
        call: () => dropout(leaf([2]), -1, source(leaf([], "u32"))),
      },
    ],
  },
  copy: { samples: [sample([[17]], (x) => copy(x as Node)), sample([[0]], (x) => copy(x as Node))], refusals: [] },
  pack: {
    samples: [
      sample([[2, 3], [65], []], (...xs) => unpack(pack(xs.map((x) => copy(x))), [[2, 3], [65], []]), {
        name: "and back",
      }),
      sample([[64], [3]], (...xs) => output(pack(xs.map((x) => copy(x))), 0), { name: "in one array", smooth: false }),
    ],
    refusals: [refuses(/^unpack: needs 11 elements: got \[3\]/, () => unpack(leaf([3]), [[2, 3], [5]]))],
  },
} satisfies Record<string, Row>;
