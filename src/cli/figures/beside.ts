// An adapter with peers beside it, for figures that say how far gpugrad is ahead.
import { type CountedGpu, countCalls } from "../../check/count.ts";
import type { Device } from "../../graph/device.ts";
import { openDevice } from "../../open.ts";
import { installPeers } from "../bench/install.ts";
import type { PeerName, Place } from "../bench/peers.ts";
import { ratiosOf } from "../bench/ratio.ts";
import type { Row } from "../bench/row.ts";
import { short } from "../bench/table.ts";
import type { Bench, Measured } from "./figure.ts";

/** How many times as fast as a peer: in wall time, and in what it takes of the CPU. */
export interface Lead {
  readonly wall?: number;
  readonly cpu?: number;
}

/** What is wanted over some peers. */
export type Leads = Partial<Readonly<Record<PeerName, Lead>>>;

/** An adapter that is open, with the peers that are measured beside it. */
export interface Ring {
  readonly device: Device;
  readonly gpu: GPU;
  readonly counted: CountedGpu;
  readonly place: Place;
}

/** Opens an adapter, brings the peers and measures there; "no lavapipe here" where this machine has none. */
export async function measuredOn(
  bench: Bench,
  name: string,
  systems: readonly PeerName[],
  measure: (ring: Ring) => Promise<Measured>,
): Promise<Measured> {
  const found = await bench.find(name);
  if (!found?.gpu) return { value: `no ${name} here`, isMet: undefined, data: null };
  if (systems.length > 0) await installPeers(bench.note);
  const counted = countCalls(found.gpu);
  const device = await openDevice({ gpu: counted.gpu });
  const { adapter } = device.info;
  const place: Place = { device: name, adapter, variables: found.variables, systems, isCounted: false };
  try {
    return await measure({ device, gpu: found.gpu, counted, place });
  } finally {
    device.close();
  }
}

/** "≥ 5× jax-js webgpu (CPU ≥ 6×), ≥ 20× tfjs webgpu" */
export function boundOf(leads: Leads): string {
  const parts = Object.entries(leads).map(([name, { wall, cpu }]) => {
    if (wall === undefined) return `CPU ≥ ${cpu}× ${name}`;
    return `≥ ${wall}× ${name}${cpu === undefined ? "" : ` (CPU ≥ ${cpu}×)`}`;
  });
  return parts.join(", ");
}

/** Whether gpugrad's row is as far ahead of the peers' as is wanted, and in words how far. A peer that did not run decides nothing. */
export function judged(
  rows: readonly Row[],
  leads: Leads,
): { readonly text: string; readonly isMet: boolean | undefined } {
  const own = rows.find(({ system }) => system === "gpugrad") as Row;
  const verdicts: (boolean | undefined)[] = [];
  const texts = Object.entries(leads).map(([name, { wall, cpu }]) => {
    const peer = rows.find(({ system }) => system === name);
    if (!peer || peer.note !== undefined) {
      verdicts.push(undefined);
      return `${name}: ${peer?.note ?? "not measured"}`;
    }
    const [ahead, perCpu] = ratiosOf(own, peer);
    if (wall !== undefined) verdicts.push((ahead ?? 0) >= wall);
    if (cpu !== undefined) verdicts.push((perCpu ?? 0) >= cpu);
    return `${times(ahead)} ${name}${perCpu === undefined ? "" : ` (CPU ${times(perCpu)})`}`;
  });
  return { text: texts.join(", "), isMet: verdictOf(verdicts) };
}

/** Missed where one is missed; unknown where one is unknown. */
export function verdictOf(verdicts: readonly (boolean | undefined)[]): boolean | undefined {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

/** "615 ±3 %" */
export function withSpread(value: number, spread = 0): string {
  return `${short(value)} ±${(50 * spread).toFixed(0)} %`;
}

const times = (ratio: number | undefined) => (ratio === undefined ? "?" : `${Number(ratio.toPrecision(3))}×`);
