// Functions that shaders share, by file name.
import floatText from "../../shaders/lib/float.wgsl?raw";
import specialText from "../../shaders/lib/special.wgsl?raw";
import threefryText from "../../shaders/lib/threefry.wgsl?raw";
import { internal } from "../core/error.ts";

const LIBRARIES: Readonly<Record<string, string>> = { float: floatText, special: specialText, threefry: threefryText };

/** The text of the named libraries. */
export function libraryText(names: Iterable<string>): string {
  return [...names]
    .map((name) => {
      const text = LIBRARIES[name];
      if (text === undefined) throw internal(`no shader library is called ${name}`);
      return text;
    })
    .join("\n");
}
