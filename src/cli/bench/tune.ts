// `npm run bench -- tune`: times every tile that a matrix product may take on the adapter at hand, and says how good the choice made for it is.
import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { TUNED_PRODUCTS } from "../../../bench/kernels/products.ts";
import { OptionError } from "../../core/error.ts";
import { GpuBackend } from "../../gpu/backend.ts";
import { openGpu } from "../../gpu/device.ts";
import type { Memory } from "../../graph/device.ts";
import type { Profile } from "../../graph/form.ts";
import { findGpu } from "../../node/find.ts";
import { chooseTile, nameOf, TILES, type Tile } from "../../ops/matmulTiled.ts";
import { prepare } from "../../prepare.ts";
import { openDisplay } from "../start/display.ts";
import { type Product, productOn, timeProgram } from "./products.ts";
import { short } from "./table.ts";

/** Seconds that one repetition should take. */
const LONG_ENOUGH = 0.01;
/** Workgroups beyond which nothing is gained by splitting sums. */
const ENOUGH_WORKGROUPS = 2048;

/** One way to compute a product, timed. */
interface Candidate {
  readonly tile: string;
  readonly parts: number;
  readonly gflops: number;
}

/** What came of one product. */
interface Tuned {
  readonly case: string;
  readonly chosen: Candidate;
  readonly best: Candidate;
  readonly candidates: readonly Candidate[];
}

interface TuneOptions {
  readonly device: string;
  readonly filter?: string;
  /** True to print, a name to write. */
  readonly json?: string | true;
}

export async function tune(argv: readonly string[]): Promise<number> {
  const options = new Command("npm run bench -- tune")
    .description(
      "Times the tiles that matrix products may take on a GPU, and says how far from the best the chosen one is",
    )
    .addOption(
      new Option("--device <name>", "where to compute")
        .choices(["auto", "hardware", "lavapipe", "swiftshader"])
        .env("GPUGRAD_DEVICE")
        .default("auto"),
    )
    .option("--filter <text>", "only products with this in their name")
    .option("--json [file]", "print the result as JSON, or write it there")
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts<TuneOptions>();
  const { gpu, line } = await findGpu(options.device);
  if (!gpu) throw new OptionError("bench tune: the CPU reference has no tiles. Choose another --device");
  let choose: Profile["choose"];
  const force = (profile: Profile): Profile => ({
    ...profile,
    family: "gpu",
    choose: (choice, forms) => choose?.(choice, forms),
  });
  const device = new GpuBackend(await openGpu(gpu), force);
  const display = openDisplay(options.json === true);
  display.say(line);
  const shapes = TUNED_PRODUCTS.filter(({ name }) => name.includes(options.filter ?? ""));
  const tuned: Tuned[] = [];
  try {
    for (const [i, shape] of shapes.entries()) {
      display.wait(`${shape.name}, ${i} of ${shapes.length}`);
      const product = productOn(device, shape);
      const result = await timeAll(device, product, (forced) => {
        choose = forced;
      });
      product.release();
      tuned.push(result);
      if (options.json !== true) console.log(tell(result));
    }
  } finally {
    display.close();
    device.close();
  }
  const result = JSON.stringify({ adapter: device.info.adapter, tuned });
  if (options.json === true) console.log(result);
  else if (options.json) await writeFile(options.json, `${result}\n`);
  return 0;
}

async function timeAll(
  device: GpuBackend,
  product: Product,
  force: (choose: Profile["choose"]) => void,
): Promise<Tuned> {
  const { B, M, K, N, name } = product.shape;
  const sizes = { B, M, K, N, a_m: 1, a_k: 1, b_k: 1, b_n: 1 };
  const candidates: Candidate[] = [];
  let counts: readonly number[] = [1];
  force((choice, forms) => {
    if (choice === "matmul parts") counts = forms.map(Number);
    return undefined;
  });
  const chosen = chooseTile(sizes, device.profile);
  const ways = TILES.flatMap((tile) =>
    counts.filter((parts) => isWorthIt(product, tile, parts)).map((parts) => ({ tile, parts })),
  );
  const isChosen = (way: { tile: Tile; parts: number }) => way.tile === chosen.tile && way.parts === chosen.parts;
  if (!ways.some(isChosen)) ways.push(chosen);
  const made = ways.map(({ tile, parts }) => {
    force((choice) => (choice === "matmul tile" ? nameOf(tile) : choice === "matmul parts" ? `${parts}` : undefined));
    return prepare(device, { outputs: [product.y] }); // plans at once, compiles in parallel
  });
  for (const [i, executable] of (await Promise.all(made)).entries()) {
    const { tile, parts } = ways[i] as (typeof ways)[number];
    executable.run(1);
    await product.check(executable.outputs[0] as Memory);
    const { seconds } = await timeProgram(device, executable, LONG_ENOUGH);
    executable.release();
    candidates.push({ tile: nameOf(tile), parts, gflops: (2 * B * M * K * N) / seconds / 1e9 });
  }
  const best = candidates.toSorted((x, y) => y.gflops - x.gflops)[0] as Candidate;
  return { case: name, chosen: candidates[ways.findIndex(isChosen)] as Candidate, best, candidates };
}

/** Splitting is for products with few tiles. */
function isWorthIt({ shape: { B, M, N } }: Product, { rows, columns }: Tile, parts: number): boolean {
  return parts === 1 || B * parts * Math.ceil(M / rows) * Math.ceil(N / columns) <= ENOUGH_WORKGROUPS;
}

function tell({ case: name, chosen, best, candidates }: Tuned): string {
  const say = ({ tile, parts, gflops }: Candidate) =>
    `${short(gflops)} GFLOP/s with ${tile}${parts > 1 ? `, ${parts} parts` : ""}`;
  const others = candidates
    .toSorted((x, y) => y.gflops - x.gflops)
    .slice(0, 6)
    .map((each) => `    ${say(each)}`);
  return [`${name}: ${short((100 * chosen.gflops) / best.gflops)} % of the best: ${say(chosen)}`, ...others].join("\n");
}
