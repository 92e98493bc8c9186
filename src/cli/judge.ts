// Compares answers with conformance cases (format "nn-conformance/1"): what counts as right is the case's tolerance and nothing else.

/** A tensor as cases write it: values may be the strings "NaN", "Infinity" and "-Infinity". */
export interface TensorRecord {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data?: readonly (number | string)[];
  /** Every element is this. */
  readonly fill?: number;
  /** "hash32": elements come from `hash32(seed, size)`. */
  readonly gen?: string;
  readonly seed?: number;
}

/** |got − expected| ≤ atol + rtol·scale, or at most `ulp` f32 numbers apart; 0 everywhere asks for the same f32. */
export interface CaseTolerance {
  readonly rtol?: number;
  readonly atol?: number;
  /** What rtol multiplies: the largest |expected| of the tensor, or each one's own. */
  readonly scale?: "max" | "elementwise";
  readonly ulp?: number;
  /** A denormal may come out as 0. */
  readonly ftz_ok?: boolean;
}

interface Summary {
  readonly samples: { readonly index: readonly number[]; readonly value: readonly (number | string)[] };
  readonly sum: number;
  readonly abs_sum: number;
}

type Named<T> = Readonly<Record<string, T>>;

export interface Case {
  readonly id: string;
  readonly op: string;
  readonly name: string;
  readonly kind: string;
  readonly attrs: Named<unknown>;
  readonly inputs: Named<TensorRecord>;
  readonly expected?: Named<TensorRecord>;
  readonly expected_steps?: readonly ({ readonly after_steps: number } & Named<TensorRecord | number>)[];
  readonly expected_summary?: Named<Summary>;
  readonly grad?: {
    readonly upstream?: Named<TensorRecord> | "ones";
    readonly expected?: Named<TensorRecord>;
    readonly expected_summary?: Named<Summary>;
  };
  readonly tolerance: CaseTolerance;
  readonly tags?: readonly string[];
  /** Folder and file it came from. */
  suite: string;
  file: string;
}

export interface Answer {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** What an adapter answers; null when it does not support the case. */
export interface Answers {
  readonly outputs?: Named<Answer>;
  readonly grads?: Named<Answer>;
  readonly steps?: readonly Named<Answer>[];
}

/** How one tensor compares: `worst` is the largest error in units of the tolerance; `why` says what is wrong. */
export interface Verdict {
  readonly name: string;
  readonly worst: number;
  readonly why?: string;
}

const FLOAT32_MAX = 3.4028235e38;
const FLOAT32_MIN_NORMAL = 1.2e-38;

/** A value of a case as a number. */
export function decode(value: number | string): number {
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
  return Number(value);
}

const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

/** Position of the nearest f32 among all of them, so that differences count f32 numbers; −0 and 0 are the same. */
function ordinal(x: number): number {
  word[0] = x;
  const b = bits[0] as number;
  return b < 0 ? -(b & 0x7fffffff) : b;
}

/** The error of a finite element, 1 being the most that is tolerated. */
function errorOf(got: number, expected: number, largest: number, tolerance: CaseTolerance): number {
  const same = () => (Math.fround(expected) === got ? 0 : Number.POSITIVE_INFINITY);
  if (tolerance.ulp !== undefined) {
    return tolerance.ulp === 0 ? same() : Math.abs(ordinal(got) - ordinal(expected)) / tolerance.ulp;
  }
  if (tolerance.ftz_ok && got === 0 && Math.abs(expected) < FLOAT32_MIN_NORMAL) return 0;
  const scale = tolerance.scale === "max" ? largest : Math.abs(expected);
  const limit = (tolerance.atol ?? 0) + (tolerance.rtol ?? 0) * scale;
  const distance = Math.abs(got - expected);
  if (distance === 0) return 0;
  return limit === 0 ? same() : distance / limit;
}

/** What is wrong with an element where either side is not finite; undefined when they agree. */
function oddity(got: number, expected: number): string | undefined {
  if (Number.isNaN(expected)) return Number.isNaN(got) ? undefined : `${got} want NaN`;
  const overflows = Math.abs(expected) > FLOAT32_MAX && got === Math.sign(expected) * Number.POSITIVE_INFINITY;
  return got === expected || overflows ? undefined : `${got} want ${expected}`;
}

/** Compares one tensor. */
export function compare(name: string, got: Answer | undefined, expected: Answer, tolerance: CaseTolerance): Verdict {
  const wrong = (why: string): Verdict => ({ name, worst: Number.POSITIVE_INFINITY, why });
  if (!got) return wrong("missing");
  const [gotShape, wantShape] = [got.shape, expected.shape].map((shape) => JSON.stringify([...shape]));
  if (gotShape !== wantShape) return wrong(`shape ${gotShape} != ${wantShape}`);
  if (got.data.length !== expected.data.length) return wrong("length");
  const want = Array.from(expected.data);
  const largest = want.reduce((most, e) => (Number.isFinite(e) ? Math.max(most, Math.abs(e)) : most), 0);
  let [worst, at] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    const g = Number(got.data[i]);
    const e = want[i] as number;
    if (!Number.isFinite(e) || !Number.isFinite(g)) {
      const why = oddity(g, e);
      if (why) return wrong(`[${i}] ${why}`);
      continue;
    }
    const error = errorOf(g, e, largest, tolerance);
    if (error > worst) [worst, at] = [error, i];
  }
  if (worst <= 1) return { name, worst };
  return { name, worst, why: `[${at}] got ${got.data[at]} want ${want[at]} (${worst.toPrecision(3)} x tolerance)` };
}

function decoded(record: TensorRecord): Answer {
  return { shape: record.shape, data: (record.data ?? []).map(decode) };
}

/** Compares samples and the sum of a tensor that is too large to be written out. */
function compareSummary(name: string, got: Answer | undefined, summary: Summary, tolerance: CaseTolerance): Verdict[] {
  if (!got) return [{ name, worst: Number.POSITIVE_INFINITY, why: "missing" }];
  const { index, value } = summary.samples;
  const shape = [index.length];
  const picked = { shape, data: index.map((i) => got.data[i] as number) };
  let sum = 0;
  for (let i = 0; i < got.data.length; i++) sum += got.data[i] as number;
  const limit = 1e-5 * summary.abs_sum + (tolerance.atol ?? 0);
  const isClose = Math.abs(sum - summary.sum) <= limit;
  return [
    compare(`${name} samples`, picked, { shape, data: value.map(decode) }, tolerance),
    { name: `${name} sum`, worst: 0, ...(isClose ? {} : { why: `sum ${sum} want ${summary.sum}` }) },
  ];
}

/** Compares all that a case expects. */
export function judge(test: Case, answers: Answers): Verdict[] {
  const { expected, expected_steps, expected_summary, grad, tolerance } = test;
  const verdicts: Verdict[] = [];
  const { outputs = {}, grads = {}, steps = [] } = answers;
  for (const [name, record] of Object.entries(expected ?? {})) {
    verdicts.push(compare(name, outputs[name], decoded(record), tolerance));
  }
  for (const [name, record] of Object.entries(grad?.expected ?? {})) {
    verdicts.push(compare(`d${name}`, grads[name], decoded(record), tolerance));
  }
  for (const { after_steps: after, ...state } of expected_steps ?? []) {
    for (const [name, record] of Object.entries(state as Named<TensorRecord>)) {
      verdicts.push(compare(`step${after}.${name}`, steps[after - 1]?.[name], decoded(record), tolerance));
    }
  }
  for (const [name, summary] of Object.entries(expected_summary ?? {})) {
    verdicts.push(...compareSummary(name, outputs[name], summary, tolerance));
  }
  for (const [name, summary] of Object.entries(grad?.expected_summary ?? {})) {
    verdicts.push(...compareSummary(`d${name}`, grads[name], summary, tolerance));
  }
  return verdicts;
}
