// `npm run soak`: trains over and over, in Node and in the page of the Playground, in changing ways, and watches what is left of each round.
// Exit status 1 when something grows, a run gives another result than before, the page complains, or a device fails.
import { Option } from "commander";
import { OptionError } from "../core/error.ts";
import colors from "./colors.ts";
import { type CommonOptions, command } from "./command.ts";
import type { Soak, Soaked } from "./soak/part.ts";
import { openDisplay } from "./start/display.ts";
import { interruption } from "./start/interrupt.ts";

interface SoakOptions extends CommonOptions {
  readonly minutes?: string;
  readonly seed: string;
  readonly in: keyof typeof PARTS | "both";
}

interface Part {
  readonly minutes: number;
  /** Each is loaded where it is wanted: that of Node changes how V8 compiles. */
  readonly load: () => Promise<(soak: Soak) => Promise<Soaked>>;
}

const PARTS = {
  node: { minutes: 5, load: async () => (await import("./soak/node.ts")).soakNode },
  page: { minutes: 30, load: async () => (await import("./soak/page.ts")).soakPage },
} as const satisfies Readonly<Record<string, Part>>;

export async function run(argv: readonly string[]): Promise<number> {
  const usual = Object.entries(PARTS).map(
    ([name, { minutes }]) => `${minutes} in ${name === "page" ? "the page" : "Node"}`,
  );
  const options = command("soak", "Trains over and over, and watches that nothing grows")
    .addOption(new Option("--in <where>", "where to train").choices([...Object.keys(PARTS), "both"]).default("both"))
    .option("--minutes <n>", `for how long (default: ${usual.join(", ")})`)
    .option("--seed <n>", "fixes what is done in which order", "1")
    .parse([...argv], { from: "user" })
    .opts<SoakOptions>();
  const minutes = options.minutes === undefined ? undefined : numberOf("minutes", options.minutes);
  const seed = Math.floor(numberOf("seed", options.seed));
  const display = openDisplay(options.json || options.quiet || false);
  const { signal, release } = interruption(() =>
    display.say("stopping after this round … (Ctrl-C again ends at once)"),
  );
  const parts = options.in === "both" ? Object.values(PARTS) : [PARTS[options.in]];
  let isWell = true;
  try {
    for (const part of parts) {
      if (signal.aborted) break;
      const work = await part.load();
      const soak = { minutes: minutes ?? part.minutes, seed, signal, device: options.device, say: display.say };
      const { head, lines, complaints, data } = await work(soak);
      isWell &&= complaints.length === 0;
      if (options.json) console.log(JSON.stringify(data));
      else {
        const result = complaints.length === 0 ? colors.green("nothing grows") : colors.red(complaints.join("; "));
        console.log([`${head}: ${result}`, ...(options.quiet ? [] : lines)].join("\n"));
      }
    }
    return isWell ? 0 : 1;
  } finally {
    display.close();
    release();
  }
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new OptionError(`soak: --${name} must be a number from 0 on: got "${text}"`, { [name]: text });
}
