// A run as the part of an address behind its #, and back. Whatever a link says that cannot be is left out, with a sentence.
import { count } from "../ui/format.ts";
import { type Points, readPoints, writePoints } from "./points.ts";
import { DEFAULTS, FIELDS, type Field, KEYS, lossesFor, problemOf, type Settings } from "./settings.ts";
import { text } from "./text.ts";

/** Whatever a link can hold. */
export interface Run {
  readonly settings: Settings;
  /** Own points, whether they are shown now or not. */
  readonly own?: Points | undefined;
  /** How many steps to take at once; the run then stands still. */
  readonly steps?: number | undefined;
}

/** Longer than any link that this page writes. */
const LONGEST = 12_000;
const MOST_STEPS = 1_000_000;
const MOST_SENTENCES = 4;
const KNOWN = [...KEYS, "points", "steps"];

/** The run as `key=value&…`, without its #. */
export function writeLink({ settings, own, steps }: Run): string {
  const parts = KEYS.map((key) => `${key}=${(FIELDS[key] as Field<unknown>).write(settings[key])}`);
  if (own && own.count > 0) parts.push(`points=${writePoints(own)}`);
  if (steps) parts.push(`steps=${steps}`);
  return parts.join("&");
}

/** Reads what stands behind the #. Never throws: settings that are missing or wrong are the default ones. */
export function readLink(hash: string): Run & { readonly sentences: readonly string[] } {
  const given = hash.replace(/^#/, "");
  if (given === "") return { settings: DEFAULTS, sentences: [] };
  if (given.length > LONGEST) return { settings: DEFAULTS, sentences: [text.link.long(given.length, LONGEST)] };
  const sentences: string[] = [];
  const read: Record<string, unknown> = {};
  let own: Points | undefined;
  let steps: number | undefined;
  const parts = new URLSearchParams(given);
  for (const key of KNOWN) if (parts.getAll(key).length > 1) sentences.push(text.link.repeated(key));
  for (const [key, value] of parts) {
    if (key === "points") {
      own = readPoints(value);
      if (!own) sentences.push(text.link.points);
    } else if (key === "steps") {
      steps = /^\d{1,7}$/.test(value) && Number(value) <= MOST_STEPS ? Number(value) : undefined;
      if (steps === undefined) sentences.push(text.link.wrong(key, short(value), `at most ${count(MOST_STEPS)}`, "0"));
    } else if (Object.hasOwn(FIELDS, key)) {
      const field = FIELDS[key as keyof Settings] as Field<unknown>;
      const found = field.read(value);
      if (found !== undefined) read[key] = found;
      else
        sentences.push(text.link.wrong(key, short(value), field.takes, field.write(DEFAULTS[key as keyof Settings])));
    } else {
      sentences.push(text.link.unknown(short(key)));
    }
  }
  const fitted = fitting({ ...DEFAULTS, ...read }, own);
  sentences.push(...fitted.sentences);
  const more = sentences.length - MOST_SENTENCES;
  return {
    settings: fitted.settings,
    own,
    steps,
    sentences: more > 0 ? [...sentences.slice(0, MOST_SENTENCES), text.link.more(more)] : sentences,
  };
}

/** Settings that go together: a loss that the task has, and batch norm only where batches have more than one point. */
export function fitting(settings: Settings, own?: Points): { settings: Settings; sentences: string[] } {
  const sentences: string[] = [];
  let fitted = settings;
  const task = problemOf(settings.problem) ?? own ?? { task: "classes" as const, classes: 2 };
  const losses = lossesFor(task.task, task.classes);
  if (!losses.includes(settings.loss)) {
    const loss = losses[0] as Settings["loss"];
    fitted = { ...fitted, loss };
    const isUsual = settings.loss === "crossEntropy"; // what nobody chose
    if (!isUsual) sentences.push(text.link.loss(text.losses[settings.loss], text.losses[loss]));
  }
  const isAlone = Math.min(settings.batch, own && settings.problem === "own" ? own.count : settings.count) < 2;
  if (settings.batchNorm && isAlone) {
    fitted = { ...fitted, batchNorm: false };
    sentences.push(text.link.batchNorm);
  }
  return { settings: fitted, sentences };
}

const short = (given: string) => (given.length > 40 ? `${given.slice(0, 40)}…` : given);
