// Options objects: a name that nobody knows is a mistake worth saying.
import { OptionError } from "./error.ts";

/** Throws OptionError for the first name in `options` that is not `known`. */
export function checkKnown(call: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new OptionError(`${call}: unknown option "${name}". Options: ${known.join(", ")}`);
  }
}
