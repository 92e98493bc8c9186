// `npm run course -- kernels`: what nine classic kernels make of a circle and of a handwritten digit. Exit status 1 when the identity
// kernel does not give back its input.
import Table from "cli-table3";
import { compile } from "../../compile.ts";
import { OptionError } from "../../core/error.ts";
import { loadMnist } from "../../data/mnistNode.ts";
import type { Device } from "../../graph/device.ts";
import type { Node } from "../../graph/node.ts";
import { conv2d } from "../../ops/conv.ts";
import colors from "../colors.ts";
import { BARE } from "../start/confusion.ts";
import { drawCircle, type Picture } from "./circle.ts";
import { CLASSIC_KERNELS } from "./classicKernels.ts";
import { number } from "./drawing.ts";
import { checkOut, type ExperimentOptions, experiment, onDevice } from "./experiment.ts";
import { writeKernelPage } from "./kernelPage.ts";

interface Options extends ExperimentOptions {
  readonly digit: string;
}

export async function run(argv: readonly string[]): Promise<number> {
  const options = experiment("kernels", "Applies nine classic 3×3 kernels to a circle and to a handwritten digit")
    .option("--digit <0…9>", "which digit", "5")
    .parse([...argv], { from: "user" })
    .opts<Options>();
  const label = Number(options.digit);
  if (!/^[0-9]$/.test(options.digit)) throw new OptionError(`kernels: --digit must be 0 … 9: got "${options.digit}"`);
  checkOut("kernels", options);
  const inputs = [drawCircle(), await digit(label)];
  const { adapter, outputs } = await onDevice(options, async (device) => {
    const all: (readonly Picture[])[] = [];
    for (const picture of inputs) all.push(await applyAll(device, picture));
    return { adapter: device.info.adapter, outputs: all };
  });
  await writeKernelPage(options.out, inputs, outputs);
  const rows = CLASSIC_KERNELS.map(({ name, weights }, k) => {
    const [circle, ofDigit] = outputs.map((pictures) => rangeOf((pictures[k] as Picture).values));
    return { name, weights, circle, digit: ofDigit };
  });
  const maxDifference = Math.max(...inputs.map((input, i) => differenceOf(input, identityOf(outputs[i]))));
  if (options.json) {
    console.log(JSON.stringify({ adapter, kernels: rows, identity: { maxDifference }, picture: options.out }));
  } else {
    console.log(tableOf(rows));
    const verdict = maxDifference === 0 ? colors.green("yes") : colors.red("no");
    console.log(`\nidentity: output equals input: ${verdict} (largest difference ${maxDifference})`);
    if (!options.quiet) console.log(`picture: ${options.out}`);
  }
  return maxDifference === 0 ? 0 : 1;
}

/** The first test image with this label. */
async function digit(label: number): Promise<Picture> {
  const { test } = await loadMnist();
  const at = test.labels.indexOf(label);
  const size = 28 * 28;
  const values = Float32Array.from(test.features.subarray(at * size, (at + 1) * size), (byte) => byte * test.scale);
  return { width: 28, height: 28, values };
}

/** All kernels at once: one filter [3, 3, 1, 9]. Padding "same", so that each output lies on its input pixel for pixel. */
async function applyAll(device: Device, { width, height, values }: Picture): Promise<Picture[]> {
  const count = CLASSIC_KERNELS.length;
  const weights = Float32Array.from(
    { length: 9 * count },
    (_, i) => CLASSIC_KERNELS[i % count]?.weights[Math.floor(i / count)] as number,
  );
  const shapes = [
    [1, height, width, 1],
    [3, 3, 1, count],
  ];
  const filter = (x: Node, w: Node) => conv2d(x, w, { padding: "same" });
  const compiled = await compile(device, filter, shapes);
  const all = await compiled.run(values, weights).read();
  return CLASSIC_KERNELS.map((_, k) => ({
    width,
    height,
    values: Float32Array.from({ length: width * height }, (_, i) => all[i * count + k] as number),
  }));
}

function identityOf(outputs: readonly Picture[] | undefined): Picture {
  return outputs?.[CLASSIC_KERNELS.findIndex(({ name }) => name === "identity")] as Picture;
}

function differenceOf(a: Picture, b: Picture): number {
  return a.values.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.values[i] as number))), 0);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function rangeOf(values: Float32Array): Range {
  return { min: Math.min(...values), max: Math.max(...values) };
}

type Row = { readonly name: string; readonly circle: Range | undefined; readonly digit: Range | undefined };

function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ["kernel", "circle: min", "max", "digit: min", "max"].map((title) => colors.bold(title)),
    colAligns: ["left", "right", "right", "right", "right"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: BARE,
  });
  for (const { name, circle, digit: own } of rows) {
    table.push([name, ...[circle?.min, circle?.max, own?.min, own?.max].map((value) => number(value as number))]);
  }
  return table.toString();
}
