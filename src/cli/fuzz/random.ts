// Random shapes of one function, on several devices: many in one program, so that compiling them does not take all the time.
import { type Draw, drawOf } from "../../check/draw.ts";
import { GRADIENT_TOLERANCE, gradientOf, slopesOf } from "../../check/gradient.ts";
import { runSamples } from "../../check/run.ts";
import type { Row, Sample } from "../../check/sample.ts";
import type { Device } from "../../graph/device.ts";

/** Which random shapes: turn k of a seed is always the same. */
export interface Turns {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
}

/** One wrong result, or one refusal of a call that is allowed. */
export interface Mismatch {
  readonly seed: number;
  readonly turn: number;
  readonly message: string;
  /** The command that shows it again. */
  readonly repeat: string;
}

/** What became of one function. `null` for what it has no random shapes for. */
export interface FuzzReport {
  readonly op: string;
  readonly turns: number;
  readonly cases: number;
  /** Largest error of a device, as a share of what is allowed. */
  readonly maxError: number | null;
  /** Largest distance between a gradient's slope and that of central differences, as a share of what is allowed. */
  readonly maxSlopeError: number | null;
  readonly mismatches: readonly Mismatch[];
}

/** A device that is opened when it is first needed, and again when it has failed. */
export class Opener {
  readonly #open: () => Promise<Device>;
  /** What is special about it; "" for nothing. */
  readonly note: string;
  #device: Device | undefined;

  constructor(open: () => Promise<Device>, note: string) {
    this.#open = open;
    this.note = note;
  }

  async device(): Promise<Device> {
    if (this.#device?.failure) this.close();
    this.#device ??= await this.#open();
    return this.#device;
  }

  close(): void {
    this.#device?.close();
    this.#device = undefined;
  }
}

/** So many mistakes of one function are enough. */
const ENOUGH = 8;
/** Turns in one program. */
const TOGETHER = 12;
/** Every so many turns run on the further devices, too. No divisor of the number of edge sizes, so that each of them has its turn. */
const SOMETIMES = 7;
/** Every so many turns have their gradient compared with differences: half the work would go there otherwise. */
const SLOPES_EVERY = 3;

interface Case {
  readonly turn: number;
  readonly sample: Sample;
}

/** Runs the random shapes of `row`: results and gradients on every device, slopes on the reference. */
export async function fuzzRow(
  openers: readonly Opener[],
  op: string,
  { random }: Row,
  { seed, first, count }: Turns,
  progress: (done: number) => void,
): Promise<FuzzReport> {
  if (!random) return { op, turns: 0, cases: 0, maxError: null, maxSlopeError: null, mismatches: [] };
  const mismatches: Mismatch[] = [];
  let [cases, maxError, maxSlopeError] = [0, 0, 0];
  const note = (turn: number, message: string, turns = `${turn}`) => {
    const repeat = `npm run fuzz -- --op ${op} --seed ${seed} --turn ${turns}`;
    mismatches.push({ seed, turn, message: `turn ${turn}: ${message}`, repeat });
  };
  let start = first;
  for (; start < first + count && mismatches.length < ENOUGH; start += TOGETHER) {
    progress(start - first);
    const turns = Array.from({ length: Math.min(TOGETHER, first + count - start) }, (_, i) => start + i);
    const drawn = turns.flatMap((turn) => casesOf(random, seed, turn, note));
    for (const [i, opener] of openers.entries()) {
      const isChosen = ({ turn }: Case) => i === 0 || count <= TOGETHER || turn % SOMETIMES === 0;
      const batch = drawn.filter(isChosen);
      cases += batch.length;
      const found = await runCases(opener, batch, seed, turns);
      maxError = Math.max(maxError, found.maxError);
      for (const { turn, message, among } of found.wrong) {
        note(turn, opener.note ? `${message} (${opener.note})` : message, among);
      }
    }
    for (const turn of turns.filter((each) => each % SLOPES_EVERY === 0 || count <= TOGETHER)) {
      for (const { sample } of drawn.filter((each) => each.turn === turn).slice(0, 1)) {
        if (sample.smooth === false) continue;
        for (const { input, fromGradient, fromDifferences, error } of slopesOf(sample, seed)) {
          maxSlopeError = Math.max(maxSlopeError, error / GRADIENT_TOLERANCE);
          if (error <= GRADIENT_TOLERANCE) continue;
          note(
            turn,
            `${sample.name}: slope of input ${input} is ${fromDifferences}, its gradient says ${fromGradient}`,
          );
        }
      }
    }
  }
  return { op, turns: Math.min(count, start - first), cases, maxError, maxSlopeError, mismatches };
}

/** A turn's sample and the sample's gradient. */
function casesOf(
  random: (draw: Draw) => Sample,
  seed: number,
  turn: number,
  note: (turn: number, message: string) => void,
): Case[] {
  try {
    const sample = random(drawOf(seed, turn));
    const gradient = gradientOf(sample);
    return [sample, ...(gradient ? [gradient] : [])].map((each) => ({ turn, sample: each }));
  } catch (error) {
    note(turn, `refused: ${(error as Error).message}`);
    return [];
  }
}

interface Found {
  readonly maxError: number;
  readonly wrong: readonly { readonly turn: number; readonly message: string; readonly among?: string }[];
}

/** Runs cases in one program, and those that fail again one by one, to tell what is wrong from what stood beside it. */
async function runCases(
  opener: Opener,
  cases: readonly Case[],
  seed: number,
  turns: readonly number[],
): Promise<Found> {
  if (cases.length === 0) return { maxError: 0, wrong: [] };
  const among = `${turns[0]}-${turns.at(-1)}`;
  try {
    const runs = await runSamples(
      await opener.device(),
      cases.map(({ sample }) => sample),
      seed,
    );
    const all = runs.flatMap(({ comparisons }, i) => comparisons.map((each) => ({ ...each, at: cases[i] as Case })));
    const bad = all.filter(({ isEqual }) => !isEqual);
    const wrong = [];
    for (const { at, message } of bad) {
      const isAlone = turns.length > 1 && (await runCases(opener, [at], seed, [at.turn])).wrong.length === 0;
      const text = `${at.sample.name}: ${message}`;
      wrong.push(
        isAlone ? { turn: at.turn, message: `${text}; right by itself`, among } : { turn: at.turn, message: text },
      );
    }
    return { maxError: Math.max(0, ...all.map(({ worst }) => worst)), wrong };
  } catch (error) {
    const [{ turn, sample }] = cases as [Case];
    if (cases.length === 1) {
      return {
        maxError: Number.POSITIVE_INFINITY,
        wrong: [{ turn, message: `${sample.name}: ${(error as Error).message}` }],
      };
    }
    const found: Found[] = [];
    for (const each of cases) found.push(await runCases(opener, [each], seed, [each.turn]));
    const wrong = found.flatMap((each) => each.wrong);
    const maxError = Math.max(...found.map((each) => each.maxError));
    if (wrong.length > 0) return { maxError, wrong };
    return { maxError, wrong: [{ turn, message: `turns ${among} together: ${(error as Error).message}`, among }] };
  }
}
