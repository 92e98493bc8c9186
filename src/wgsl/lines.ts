// The lines of a function while it is written: statements, and loops that more sums may join.

/** A loop over the terms of sums. */
export interface Loop {
  readonly trips: string;
  /** The name of its counter. */
  readonly k: string;
  readonly lines: Line[];
  /** Names bound inside, and in front of it. */
  known: ReadonlyMap<string, string>;
}

export type Line = string | Loop;

/** The statements as they are written. */
export function textOf(lines: readonly Line[]): string[] {
  return lines.flatMap((line) => {
    if (typeof line === "string") return line;
    const { k, trips } = line;
    return [`for (var ${k} = 0u; ${k} < ${trips}; ${k}++) {`, ...textOf(line.lines), "}"];
  });
}
