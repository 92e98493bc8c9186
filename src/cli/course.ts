// `npm run course`: experiments from a course on neural networks, each run on this engine. Without a name it lists them.
import Table from "cli-table3";
import { OptionError } from "../core/error.ts";
import colors from "./colors.ts";
import { type CommandModule, type CommonOptions, command } from "./command.ts";
import { BARE } from "./start/confusion.ts";

interface Experiment {
  /** What one sees, in a line. */
  readonly what: string;
  /** Chapter and section of the course. */
  readonly section: string;
  readonly load: () => Promise<CommandModule>;
}

const EXPERIMENTS: Readonly<Record<string, Experiment>> = {
  kernels: {
    what: "nine classic kernels on a circle and a digit, as a picture",
    section: "17.3",
    load: () => import("./course/kernels.ts"),
  },
  "learn-kernel": {
    what: "learns a kernel from a picture before and after it",
    section: "17.10",
    load: () => import("./course/learnKernel.ts"),
  },
};

export async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name !== undefined && !name.startsWith("-")) {
    const experiment = Object.hasOwn(EXPERIMENTS, name) ? EXPERIMENTS[name] : undefined;
    if (!experiment) {
      const names = Object.keys(EXPERIMENTS).join(", ");
      throw new OptionError(`course: no such experiment: "${name}". Choose ${names}`);
    }
    return (await experiment.load()).run(rest);
  }
  const options = command("course", "Experiments from a course on neural networks; without a name: what there is")
    .argument("[experiment]", `${Object.keys(EXPERIMENTS).join(", ")}; --help after it lists its options`)
    .parse([...argv], { from: "user" })
    .opts<CommonOptions>();
  const known = Object.entries(EXPERIMENTS).map(([each, { what, section }]) => ({ name: each, what, section }));
  console.log(options.json ? JSON.stringify(known) : tableOf(known));
  if (!options.json && !options.quiet) console.log("\nnpm run course -- <name> [--help]");
  return 0;
}

function tableOf(known: readonly { readonly name: string; readonly what: string; readonly section: string }[]): string {
  const table = new Table({
    head: ["name", "what it shows", "section"].map((title) => colors.bold(title)),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: BARE,
  });
  for (const { name, what, section } of known) table.push([name, what, section]);
  return table.toString();
}
