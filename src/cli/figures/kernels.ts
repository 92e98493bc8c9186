// Figures of single kernels: products in every layout and shape, convolutions, softmax with cross-entropy.
import { CONVOLUTIONS } from "../../../bench/kernels/conv.ts";
import type { KernelCase } from "../../../bench/kernels/kernel.ts";
import { PRODUCTS } from "../../../bench/kernels/matmul.ts";
import { CROSS_ENTROPIES } from "../../../bench/kernels/rows.ts";
import type { Device } from "../../graph/device.ts";
import { measureKernel } from "../bench/kernels.ts";
import { KERNEL_TURN, type OpenKernel, openKernel } from "../bench/openKernel.ts";
import type { PeerName } from "../bench/peers.ts";
import type { Row } from "../bench/row.ts";
import { secondsOn } from "../bench/site.ts";
import { short } from "../bench/table.ts";
import { timedInTurns } from "../bench/timing.ts";
import { judged, type Leads, measuredOn, type Ring, verdictOf, withSpread } from "./beside.ts";
import type { Figure, Measured } from "./figure.ts";

const named = (cases: readonly KernelCase[], ...names: readonly string[]) =>
  names.map((name) => cases.find((each) => each.name === name) as KernelCase);

const WEBGPU_PEERS: readonly PeerName[] = ["jax-js webgpu", "tfjs webgpu", "ort webgpu"];

/** FLOP per second of each kernel, all in turns with each other; per CPU-second on software adapters. */
async function rates(device: Device, kernels: readonly KernelCase[]): Promise<number[]> {
  const open: OpenKernel[] = [];
  for (const kernel of kernels) open.push(await openKernel(device, kernel));
  const timings = await timedInTurns(
    open.map(({ own }) => own),
    KERNEL_TURN,
  );
  for (const { close } of open) close();
  return timings.map((timing, i) => ((kernels[i] as KernelCase).flops ?? 0) / secondsOn(device, timing));
}

function product512(adapter: string, least: number): Figure {
  return {
    name: `matmul-512-${adapter}`,
    what: `matmul 512³ on ${adapter}, GFLOP per CPU-second, beside peers`,
    bound: `≥ ${least}`,
    measure: (bench) =>
      measuredOn(bench, adapter, WEBGPU_PEERS, async ({ device, place }) => {
        bench.note(`matmul-512 on ${adapter}`);
        const [kernel] = named(PRODUCTS, "matmul-512") as [KernelCase];
        const rows = await measureKernel(device, "matmul", kernel, { place });
        const [{ gflopsPerCpuSecond = Number.NaN, spread }, ...peers] = rows as [Row, ...Row[]];
        const beside = peers.map((peer) => `${peer.system} ${peer.note ?? short(peer.gflopsPerCpuSecond ?? 0)}`);
        const value = `${withSpread(gflopsPerCpuSecond, spread)} (${beside.join(", ")})`;
        return { value, isMet: gflopsPerCpuSecond >= least, data: rows };
      }),
  };
}

const ODD = named(PRODUCTS, "matmul-64x784x128", "matmul-127x381x513", "matmul-1000x1000x10");

const oddProducts: Figure = {
  name: "odd",
  what: "matmul 64×784×128, 127×381×513, 1000×1000×10 on lavapipe: share of our 512³ rate; against the best WebGPU peer, wall",
  bound: "≥ 60 %; ≥ 2×",
  measure: (bench) =>
    measuredOn(bench, "lavapipe", WEBGPU_PEERS, async ({ device, place }) => {
      bench.note("odd products on lavapipe");
      const [square = Number.NaN, ...odd] = await rates(device, [...named(PRODUCTS, "matmul-512"), ...ODD]);
      const shares = odd.map((rate) => rate / square);
      const all: Row[] = [];
      const leads: number[] = [];
      for (const kernel of ODD) {
        bench.note(`${kernel.name} on lavapipe`);
        const rows = await measureKernel(device, "matmul", kernel, { place });
        const [own, ...peers] = rows.map(({ gflops }) => gflops ?? 0) as [number, ...number[]];
        leads.push(own / Math.max(...peers));
        all.push(...rows);
      }
      const value = `${shares.map((share) => `${(100 * share).toFixed(0)} %`).join(", ")}; ${leads.map((lead) => `${short(lead)}×`).join(", ")}`;
      const isMet = shares.every((share) => share >= 0.6) && leads.every((lead) => lead >= 2);
      return { value, isMet, data: { shares, leads, rows: all } };
    }),
};

const LAYOUTS = named(PRODUCTS, "matmul-512", "matmul-512-nt", "matmul-512-tn", "matmul-512-tt");
const ADAPTERS = ["lavapipe", "swiftshader"];

const layouts: Figure = {
  name: "layouts",
  what: `matmul 512³ with factors stored transposed (NT, TN, TT) against plain, ${ADAPTERS.join("; ")}`,
  bound: "≥ 0.9× each",
  async measure(bench) {
    const each: Measured[] = [];
    for (const adapter of ADAPTERS) {
      each.push(
        await measuredOn(bench, adapter, [], async ({ device }) => {
          bench.note(`layouts on ${adapter}`);
          const [plain = Number.NaN, ...turned] = await rates(device, LAYOUTS);
          const ratios = turned.map((rate) => rate / plain);
          const value = ratios.map((ratio) => `${ratio.toFixed(2)}×`).join(", ");
          return { value, isMet: ratios.every((ratio) => ratio >= 0.9), data: { plain, ratios } };
        }),
      );
    }
    const [values, data] = [each.map(({ value }) => value), each.map((one) => one.data)];
    return { value: values.join("; "), isMet: verdictOf(each.map(({ isMet }) => isMet)), data };
  },
};

const CONV_LEADS: Readonly<Record<string, Leads>> = {
  "conv-3x3x32x64-forward": { "jax-js webgpu": { cpu: 5 } },
  "conv-3x3x32x64-backward": { "jax-js webgpu": { cpu: 4 } },
};

const convolutions: Figure = {
  name: "conv",
  what: "conv 32×14×14×32→64 3×3 on lavapipe, forward; both gradients: CPU time of jax-js WebGPU over ours",
  bound: "≥ 5×; ≥ 4×",
  measure: (bench) =>
    measuredOn(bench, "lavapipe", ["jax-js webgpu"], async ({ device, place }: Ring) => {
      const all: Row[] = [];
      const judgements: ReturnType<typeof judged>[] = [];
      for (const [name, leads] of Object.entries(CONV_LEADS)) {
        bench.note(`${name} on lavapipe`);
        const [kernel] = named(CONVOLUTIONS, name) as [KernelCase];
        const rows = await measureKernel(device, "conv", kernel, { place });
        judgements.push(judged(rows, leads));
        all.push(...rows);
      }
      const value = judgements.map(({ text }) => text).join("; ");
      return { value, isMet: verdictOf(judgements.map(({ isMet }) => isMet)), data: all };
    }),
};

const MOST_CPU_MILLISECONDS = 0.7;

const crossEntropy: Figure = {
  name: "softmax",
  what: `softmax + cross-entropy, loss and gradient, ${CROSS_ENTROPIES.map(({ inputs }) => inputs[0]?.shape.join("×")).join("; ")} on lavapipe: CPU-ms a pass`,
  bound: `≤ ${MOST_CPU_MILLISECONDS} each`,
  measure: (bench) =>
    measuredOn(bench, "lavapipe", [], async ({ device }) => {
      const rows: Row[] = [];
      for (const kernel of CROSS_ENTROPIES) {
        bench.note(`${kernel.name} on lavapipe`);
        rows.push(...(await measureKernel(device, "kernels", kernel)));
      }
      const spent = rows.map(({ stepsPerCpuSecond = Number.NaN }) => 1000 / stepsPerCpuSecond);
      const value = spent.map((each, i) => withSpread(each, rows[i]?.spread)).join("; ");
      return { value, isMet: spent.every((each) => each <= MOST_CPU_MILLISECONDS), data: rows };
    }),
};

export const kernelFigures: readonly Figure[] = [
  product512("lavapipe", 15),
  product512("swiftshader", 2.2),
  oddProducts,
  layouts,
  convolutions,
  crossEntropy,
];
