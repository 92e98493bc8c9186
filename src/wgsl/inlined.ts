// How much of a module a driver has to compile.
import { declarationsOf } from "./library.ts";

/** Characters of a module's `main` with a copy of what it calls in place of each call, and so on: drivers inline every function. */
export function inlinedLength(module: string): number {
  const texts = new Map(declarationsOf(module).map(({ name, text }) => [name, text]));
  const lengths = new Map<string, number>();
  const lengthOf = (name: string): number => {
    const text = texts.get(name) ?? "";
    if (!lengths.has(name)) {
      lengths.set(name, 0); // its own name stands in front of it
      const called = [...text.matchAll(/\b(\w+)\(/g)].map(([, callee = ""]) => lengthOf(callee));
      lengths.set(
        name,
        called.reduce((sum, length) => sum + length, text.length),
      );
    }
    return lengths.get(name) as number;
  };
  return lengthOf("main");
}
