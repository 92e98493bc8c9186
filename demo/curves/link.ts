// The settings as the part of an address behind its #, and back. Whatever a link says that cannot be is left out, with a sentence.
import { readPoints, writePoints } from "./ownPoints.ts";
import { DEFAULTS, FIELDS, type Field, KEYS, type Settings } from "./settings.ts";
import type { Points } from "./shapes.ts";
import { text } from "./text.ts";

/** Longer than any link that this page writes. */
const LONGEST = 4000;
const MOST_SENTENCES = 4;
const KNOWN = [...KEYS, "points"];

/** The settings as `key=value&…`, without its #. */
export function writeLink(settings: Settings, own: Points): string {
  const parts = KEYS.filter((key) => settings[key] !== undefined).map(
    (key) => `${key}=${(FIELDS[key] as Field<unknown>).write(settings[key])}`,
  );
  if (own.x.length > 0) parts.push(`points=${writePoints(own)}`);
  return parts.join("&");
}

/** Reads what stands behind the #. Never throws: settings that are missing or wrong are the default ones. */
export function readLink(hash: string): { settings: Settings; own: Points; sentences: string[] } {
  const given = hash.replace(/^#/, "");
  const read: Record<string, unknown> = {};
  const sentences: string[] = [];
  let own: Points = { x: [], y: [] };
  if (given.length > LONGEST) return { settings: DEFAULTS, own, sentences: [text.link.long(given.length, LONGEST)] };
  const parts = new URLSearchParams(given);
  for (const key of KNOWN) if (parts.getAll(key).length > 1) sentences.push(text.link.repeated(key));
  for (const [key, value] of parts) {
    if (key === "points") {
      const points = readPoints(value);
      if (points) own = points;
      else sentences.push(text.link.points);
    } else if (Object.hasOwn(FIELDS, key)) {
      const name = key as keyof Settings;
      const field = FIELDS[name] as Field<unknown>;
      const found = field.read(value);
      if (found) read[key] = found.value;
      else sentences.push(text.link.wrong(key, short(value), field.takes, field.write(DEFAULTS[name])));
    } else {
      sentences.push(text.link.unknown(short(key)));
    }
  }
  const more = sentences.length - MOST_SENTENCES;
  return {
    settings: { ...DEFAULTS, ...read },
    own,
    sentences: more > 0 ? [...sentences.slice(0, MOST_SENTENCES), text.link.more(more)] : sentences,
  };
}

const short = (given: string) => (given.length > 40 ? `${given.slice(0, 40)}…` : given);
