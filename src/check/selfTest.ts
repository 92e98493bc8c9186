// Five questions whose answers a broken driver gets wrong: asked once of each adapter, before anything is trained on it.

import type { Device } from "../graph/device.ts";
import type { Node } from "../graph/node.ts";
import { type OpenOptions, openDevice } from "../open.ts";
import { tanh } from "../ops/activation.ts";
import { cast } from "../ops/arithmetic.ts";
import { isNan } from "../ops/binary.ts";
import { sum } from "../ops/broadcast.ts";
import { matmul } from "../ops/matmul.ts";
import { square } from "../ops/unary.ts";
import { prepare } from "../prepare.ts";
import { tensor } from "../tensor.ts";

/** One question. `message` says what came instead of the answer. */
export interface Answer {
  readonly name: string;
  readonly isRight: boolean;
  readonly message: string;
}

/** What a device answered to questions whose answers are known. */
export interface SelfTest {
  readonly isRight: boolean;
  readonly milliseconds: number;
  readonly answers: readonly Answer[];
}

/** Small, so that every dispatch of the test is folded into two dimensions. */
const MOST_WORKGROUPS = 3;
const [M, K, N] = [17, 19, 23] as const;
const LONG = 4099; // prime, so that no tile divides it

/**
 * Tests the adapter that `options` open: a long reduction, tanh far out, NaN by its bits, dispatches folded into two dimensions,
 * and a matrix product of odd sizes. Takes a device of its own, and about 100 ms.
 * @example
 * const { isRight, answers } = await selfTest({ gpu });
 */
export async function selfTest(options: OpenOptions = {}): Promise<SelfTest> {
  const start = performance.now();
  const device = await openDevice({ ...options, limits: { maxComputeWorkgroupsPerDimension: MOST_WORKGROUPS } });
  try {
    const questions = questionsFor(device);
    const outputs = questions.map(({ ask }) => ask);
    const executable = await prepare(device, { outputs });
    const given = await executable.run(1, executable.outputs)();
    const answers = questions.map(({ name, expected, tolerance }, i) =>
      judge(name, given[i] as ArrayLike<number>, expected, tolerance),
    );
    return { isRight: answers.every(({ isRight }) => isRight), milliseconds: performance.now() - start, answers };
  } finally {
    device.close();
  }
}

interface Question {
  readonly name: string;
  readonly ask: Node;
  readonly expected: readonly number[];
  readonly tolerance: number;
}

function questionsFor(device: Device): Question[] {
  const node = (values: readonly number[], shape: readonly number[] = [values.length]) =>
    tensor(device, values, shape).node;
  const quarters = Array.from({ length: LONG }, (_, i) => (i % 9) / 4); // sums of quarters are exact in f32
  const far = [-1e4, -89, -20, 0, 20, 89, 1e4, 3e38];
  const a = Array.from({ length: M * K }, (_, i) => ((i * 7) % 11) - 5); // small integers: every order of adding is exact
  const b = Array.from({ length: K * N }, (_, i) => ((i * 5) % 13) - 6);
  return [
    {
      name: "a long sum",
      ask: sum(node(quarters)),
      expected: [quarters.reduce((total, value) => total + value, 0)],
      tolerance: 0,
    },
    { name: "tanh far out", ask: tanh(node(far)), expected: far.map(Math.tanh), tolerance: 1e-6 },
    {
      name: "NaN by its bits",
      ask: cast(isNan(node([Number.NaN, 1, Number.POSITIVE_INFINITY, -Number.NaN, 0])), "f32"),
      expected: [1, 0, 0, 1, 0],
      tolerance: 0,
    },
    {
      name: "a dispatch folded in two",
      ask: square(node(quarters)),
      expected: quarters.map((value) => value * value),
      tolerance: 0,
    },
    {
      name: `a ${M}×${K}×${N} matrix product`,
      ask: matmul(node(a, [M, K]), node(b, [K, N])),
      expected: product(a, b),
      tolerance: 0,
    },
  ];
}

function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: M * N }, (_, at) => {
    let total = 0;
    for (let k = 0; k < K; k++) {
      total += (a[Math.floor(at / N) * K + k] as number) * (b[k * N + (at % N)] as number);
    }
    return total;
  });
}

function judge(name: string, given: ArrayLike<number>, expected: readonly number[], tolerance: number): Answer {
  const wrong = expected.findIndex((value, i) => !(Math.abs((given[i] as number) - value) <= tolerance));
  const message = wrong < 0 ? "" : `element ${wrong} is ${given[wrong]}, expected ${expected[wrong]}`;
  return { name, isRight: wrong < 0, message };
}
