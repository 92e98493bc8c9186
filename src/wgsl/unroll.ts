// Writes loops of a known length out, each turn with a number for its counter: what they index can then lie in registers.

/** A loop as the shader files write them, sizes being numbers. */
const LOOP = /for \(var (\w+) = ([^;]+); \1 < ([^;]+); \1(?:\+\+| \+= ([^;)]+))\) \{/g;

/** `text` with every loop of at most `most` turns written out, the inner ones too; `known` are the constants by name. */
export function unrolled(text: string, most: number, known: ReadonlyMap<string, number>): string {
  const loop = new RegExp(LOOP);
  let result = "";
  let at = 0;
  for (let found = loop.exec(text); found; found = loop.exec(text)) {
    const [, name = "", from = "", past = "", by = "1u"] = found;
    const first = numberOf(from, known);
    const start = loop.lastIndex;
    const end = closing(text, start);
    const body = text.slice(start, end);
    const step = numberOf(by, known);
    const turns = Math.ceil((numberOf(past, known) - first) / step);
    if (!(turns <= most) || changes(body, name)) {
      result += text.slice(at, start) + unrolled(body, most, known);
      at = end;
    } else {
      result += text.slice(at, found.index);
      for (let turn = 0; turn < turns; turn++) {
        const counter = `${first + turn * step}u`;
        result += `{ ${unrolled(body.replace(new RegExp(`(?<!\\.)\\b${name}\\b`, "g"), counter), most, known)} }\n`;
      }
      at = end + 1;
    }
    loop.lastIndex = at;
  }
  return result + text.slice(at);
}

/** True of a body that leaves its loop early, or counts by itself. */
function changes(body: string, counter: string): boolean {
  return /\b(continue|break)\b/.test(body) || new RegExp(`\\b${counter} ?([-+*]?=[^=]|\\+\\+|--)`).test(body);
}

/** The value of a sum of products of numbers and constants, or of the least of two; NaN for whatever is worked out at run time. */
function numberOf(text: string, known: ReadonlyMap<string, number>): number {
  const least = /^min\((.+), (.+)\)$/.exec(text);
  if (least) return Math.min(numberOf(least[1] as string, known), numberOf(least[2] as string, known));
  const value = (name: string) => known.get(name) ?? (/^\d+u$/.test(name) ? Number.parseInt(name, 10) : Number.NaN);
  const product = (term: string) => term.split(" * ").reduce((so, factor) => so * value(factor), 1);
  return text.split(" + ").reduce((sum, term) => sum + product(term), 0);
}

/** Where the brace closes that was opened just before `at`. */
function closing(text: string, at: number): number {
  let depth = 1;
  let end = at;
  for (; depth > 0; end++) {
    if (text[end] === "{") depth++;
    if (text[end] === "}") depth--;
  }
  return end - 1;
}
