// Kernels in which the threads of a workgroup share a result, as on GPUs: teams of all sizes, forced on the adapter under test.
import { expect, test } from "vitest";
import { type Sample, type SampleInput, sample } from "../../src/check/sample.ts";
import { GpuBackend } from "../../src/gpu/backend.ts";
import { output } from "../../src/graph/define.ts";
import type { Profile } from "../../src/graph/form.ts";
import type { Node } from "../../src/graph/node.ts";
import { argmax, argmin } from "../../src/ops/arg.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { type CrossEntropyOptions, softmaxCrossEntropy } from "../../src/ops/crossEntropy.ts";
import { mergeMoments, moments } from "../../src/ops/moments.ts";
import { max, min, prod } from "../../src/ops/reduce.ts";
import { logSoftmax, softmax } from "../../src/ops/softmax.ts";
import { record } from "../../src/ops/state.ts";
import { sumPair } from "../../src/ops/sumPair.ts";
import { sumParts } from "../../src/ops/sumParts.ts";
import { testDevice } from "../device.ts";
import { mistakesIn } from "../mistakes.ts";

const SEED = 5;
const { NaN: NAN, POSITIVE_INFINITY: INFINITE } = Number;

/** A GPU's profile with teams of `lanes` threads, or as many as there are elements, or as many as it would choose itself. */
const withTeams =
  (lanes: number | undefined, asked: Set<string>) =>
  (profile: Profile): Profile => ({
    ...profile,
    family: "gpu",
    choose: (choice, forms) => {
      asked.add(choice);
      return choice === "lanes" && lanes ? forms.findLast((form) => Number(form) <= lanes) : undefined;
    },
  });

/** What teams of so many lanes get wrong. */
async function mistakesBy(lanes: number | undefined, samples: readonly Sample[]): Promise<string[]> {
  const asked = new Set<string>();
  const mistakes = await mistakesIn(new GpuBackend(await testDevice(), withTeams(lanes, asked)), samples, SEED);
  expect(asked).toContain("lanes");
  return mistakes;
}

const named = (name: string, inputs: Parameters<typeof sample>[0], call: (...x: Node[]) => Node | readonly Node[]) =>
  sample(inputs, call as Sample["call"], { name });
/** Shapes and the axes that are reduced: inner, middle, first, several, all. A team's own number of elements, one less and one more; spread over teams. */
type Case = readonly [shape: readonly number[], axes: readonly number[]];
const TEAMS: readonly (readonly [lanes: number | undefined, cases: readonly Case[]])[] = [
  [
    undefined,
    [
      [[3, 2], [1]],
      [
        [5, 6, 34],
        [0, 2],
      ],
      [
        [40, 28],
        [0, 1],
      ],
      [[1030, 4], [1]],
      [[3, 130], [1]],
    ],
  ],
  [
    4,
    [
      [[3, 3], [1]],
      [[3, 4], [1]],
      [[3, 5], [1]],
      [[37, 5], [0]],
      [
        [5, 6, 7, 8],
        [1, 3],
      ],
    ],
  ],
  [
    32,
    [
      [[3, 31], [1]],
      [[3, 32], [1]],
      [[3, 33], [1]],
      [[3, 33, 7], [1]],
      [
        [9, 35, 4],
        [0, 1],
      ],
    ],
  ],
  [
    256,
    [
      [[1, 1], [1]],
      [[3, 255], [1]],
      [[3, 256], [1]],
      [[3, 257], [1]],
      [[260, 17], [0]],
    ],
  ],
];
const LEANING = [-1, 2] as const;
const leaning = (shape: readonly number[]): SampleInput => ({ shape, values: LEANING });
const NOT_FINITE = { list: [1, NAN, 3, 2, 2, 1, 1, INFINITE, -INFINITE, 0.5, -INFINITE] };
const ODD = [
  { shape: [7, 45], values: NOT_FINITE },
  { shape: [3, 44], values: { list: [-INFINITE] } },
  { shape: [4, 33], values: { list: [0, -0, 1, 1, -1] } },
];
const CALLS: Record<string, (x: Node, axes: readonly number[]) => Node | readonly Node[]> = {
  sum,
  max,
  min,
  argmax,
  "the last argmax": (x, axes) => argmax(x, axes, { selectLastIndex: true }),
  argmin,
  softmax: (x, [axis]) => softmax(x, axis),
  logSoftmax: (x, [axis]) => logSoftmax(x, axis),
  "sum of what is worked out": (x, axes) => sum(add(x, 1), axes),
};

test.each(
  TEAMS.flatMap(([lanes, cases]) => Object.entries(CALLS).map(([name, call]) => [name, lanes, cases, call] as const)),
)("%s by teams of %s", async (_, lanes, cases, call) => {
  const plain = cases.map(([shape, axes]) =>
    named(`[${shape.join(", ")}] along ${axes.join(" and ")}`, [leaning(shape)], (x) => call(x as Node, axes)),
  );
  const odd = ODD.map((input, i) => named(`odd ${i}`, [input], (x) => call(x as Node, [1])));
  expect(await mistakesBy(lanes, [...plain, ...odd])).toEqual([]);
});

test.each([undefined, 4, 256])("whole numbers and ties by teams of %s", async (lanes) => {
  const whole = (name: string, call: (x: Node) => Node) =>
    (["i32", "u32"] as const).map((dtype) =>
      named(`${name} of ${dtype}`, [{ shape: [5, 261], dtype, values: { list: [1, 3, 3, 2, 0, 0, 3] } }], (x) =>
        call(x as Node),
      ),
    );
  const samples = [
    ...whole("sum", (x) => sum(x, 1)),
    ...whole("max", (x) => max(x, 1)),
    ...whole("the first largest", (x) => argmax(x, 1)),
    ...whole("the last smallest", (x) => argmin(x, 0, { selectLastIndex: true })),
    named("product", [{ shape: [3, 70], values: [0.9, 1.1] }], (x) => prod(x as Node, 1)),
  ];
  expect(await mistakesBy(lanes, samples)).toEqual([]);
});

const masking = (shape: readonly number[]): SampleInput => ({ shape, dtype: "bool" });
const listed = ({ mean, variance, unbiased, count }: ReturnType<typeof moments>) => [mean, variance, unbiased, count];

test.each(TEAMS)("moments and pairs of sums by teams of %s", async (lanes, cases) => {
  const over = cases.flatMap(([shape, axes], i) => {
    const name = `[${shape.join(", ")}] along ${axes.join(" and ")}`;
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    const masks = i % 2 === 0 ? [masking(shape.slice(0, 2))] : [];
    return [
      named(`moments of ${name}`, [leaning(shape), ...masks], (x, mask) => listed(moments(x as Node, axes, { mask }))),
      named(`pair of ${name}`, [leaning(shape), leaning(shape), kept], (a, b, center) =>
        sumPair(a as Node, b as Node, axes, center),
      ),
    ];
  });
  const merged = [0, 1].map((axis) => {
    const parts = axis === 0 ? [129, 3] : [3, 129];
    const counts: SampleInput = { shape: parts, dtype: "u32", values: { list: [0, 0, 5, 0, 7, 64] } };
    return named(`merged along ${axis}`, [leaning(parts), { shape: parts, values: [0, 2] }, counts], (m, v, n) =>
      listed(mergeMoments(m as Node, v as Node, n as Node, axis, [3])),
    );
  });
  const far = named("around 10 000", [{ shape: [3, 500], values: [9999, 10001] }], (x) =>
    listed(moments(x as Node, 1)),
  );
  expect(await mistakesBy(lanes, [...over, ...merged, far])).toEqual([]);
});

test.each([
  [undefined, [1, 127, 128, 129]],
  [4, [131]],
  [256, [1023, 1028]],
] as const)("softmax cross-entropy by teams of %s", async (lanes, sizes) => {
  const entropy =
    (options?: CrossEntropyOptions): Sample["call"] =>
    (logits, target) => {
      const loss = softmaxCrossEntropy(logits as Node, target as Node, options);
      return [loss, output(loss, 1), output(loss, 2)];
    };
  const labels = (rows: number, classes: number): SampleInput => ({
    shape: [rows],
    dtype: "i32",
    values: [0, classes],
  });
  const plain = sizes.map((classes) => named(`${classes} classes`, [[9, classes], labels(9, classes)], entropy()));
  const shape = [9, 516] as const;
  const some: SampleInput = { shape: [9], dtype: "i32", values: { list: [3, 515, 1, 0, 3, 200, 3] } };
  const outside: SampleInput = { ...some, values: { list: [-1, 516, 5] } };
  const far = { list: [1000, -1000, 0, -INFINITE, 500, 1000, 3] };
  const oneNan = { list: [NAN, ...new Array(1000).fill(1)] };
  const calls: readonly [name: string, inputs: Parameters<typeof sample>[0], options?: CrossEntropyOptions][] = [
    ["smoothed", [shape, some], { labelSmoothing: 0.1 }],
    ["one class ignored", [shape, some], { ignoreIndex: 3, labelSmoothing: 0.1 }],
    [
      "ties",
      [
        { shape, values: { list: [0, 1, 1] } },
        { ...some, values: { list: [0, 1, 515] } },
      ],
    ],
    ["one class ignored, no fours", [[9, 517], some], { ignoreIndex: 3 }],
    ["out of range", [shape, outside]],
    ["probabilities", [shape, { shape, values: [0.05, 0.95] }]],
    ["equal probabilities", [shape, { shape, values: { list: [0.1, 0.5, 0.5] } }], { labelSmoothing: 0.2 }],
    ["far out", [{ shape: [9, 519], values: far }, some]],
    ["not a number", [{ shape: [11, 516], values: oneNan }, labels(11, 516)]],
    ["a single row", [[1, 5000], labels(1, 5000)]],
    ["many rows", [[1500, 130], labels(1500, 130)]],
  ];
  const turn = [undefined, 4, 256].indexOf(lanes);
  const special = calls
    .filter((_, i) => i % 3 === turn)
    .map(([name, inputs, options]) => named(name, inputs, entropy(options)));
  expect(await mistakesBy(lanes, [...plain, ...special])).toEqual([]);
});

test.each([undefined, 4, 32])("sums of parts and rows of the log by teams of %s", async (lanes) => {
  const samples = [
    [1, 5],
    [33, 7],
    [65, 300],
  ].map(([parts = 0, size = 0]) =>
    named(`${parts} parts`, [leaning([parts, size]), leaning([parts, 3])], (a, b) => {
      const sums = sumParts([a as Node, b as Node]);
      return [sums, output(sums, 1)];
    }),
  );
  const log = named(
    "record",
    [[4, 5], { shape: [], dtype: "u32", values: { list: [6] } }, leaning([257]), leaning([257]), leaning([])],
    (ring, counter, ...values) => {
      const next = record(ring as Node, counter as Node, values as Node[]);
      return [next, output(next, 1)];
    },
  );
  expect(await mistakesBy(lanes, [...samples, log])).toEqual([]);
});

test("long reductions are shared by workgroups too", async () => {
  const call: Sample["call"] = (x) => [sum(x as Node), max(x as Node), argmax(x as Node)];
  const paired: Sample["call"] = (x) => [...listed(moments(x as Node)), ...sumPair(x as Node, x as Node, [0])];
  const along =
    (axis: number): Sample["call"] =>
    (x) => [sum(x as Node, axis), ...listed(moments(x as Node, axis)), ...sumPair(x as Node, x as Node, [axis])];
  const samples = [
    named("1 048 576", [leaning([1_048_576])], call as never),
    named("1 000 001", [leaning([1_000_001])], call as never),
    named("70 002 in pairs", [leaning([70_002])], paired as never),
    named("rows", [leaning([2, 40_004])], along(1) as never),
    named("columns", [leaning([40_003, 2])], along(0) as never),
    named("in the middle", [leaning([3, 20_000, 2])], along(1) as never),
    named("masked", [leaning([20_000, 3]), masking([20_000])], (x, mask) =>
      listed(moments(x as Node, [0, 1], { mask })),
    ),
  ];
  expect(await mistakesBy(undefined, samples)).toEqual([]);
});
