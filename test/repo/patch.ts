// Applies unified diffs, for machines without git: hunks are found by their lines, wherever these stand.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The files that a diff touches. */
export function filesOf(diff: string): string[] {
  return [...diff.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, file = ""]) => file);
}

/** Applies `diff` to the files under `folder`. Throws when a hunk's lines are not found, or found twice. */
export function applyPatch(folder: string, diff: string): void {
  for (const part of diff.split(/^(?=--- )/m).filter((text) => text.startsWith("--- "))) {
    const [file = ""] = filesOf(part);
    const path = join(folder, file);
    const isNew = part.startsWith("--- /dev/null");
    if (isNew === existsSync(path)) throw new Error(`${file} ${isNew ? "is there already" : "is missing"}`);
    let text = isNew ? "" : readFileSync(path, "utf8");
    for (const hunk of part.split(/^@@ .*\n/m).slice(1)) {
      const lines = hunk.replace(/\n$/, "").split("\n");
      const keep = (mark: string) =>
        lines
          .filter((line) => line === "" || line.startsWith(" ") || line.startsWith(mark))
          .map((line) => `${line.slice(1)}\n`)
          .join("");
      const [before, after] = [keep("-"), keep("+")];
      const found = isNew ? 1 : text.split(before).length - 1;
      if (found !== 1) throw new Error(`${file}: found ${found} times:\n${before}`);
      text = isNew ? after : text.replace(before, () => after);
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
