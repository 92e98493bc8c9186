// Other engines as contestants: each in a process of its own (bench/peers/serve.js), on the same Dawn and adapter, with the same data and first weights.
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { PeerWork } from "../../../bench/kernels/kernel.ts";
import type { NetLayer } from "../../../bench/steps/net.ts";
import { GpugradError } from "../../core/error.ts";
import type { Shape } from "../../core/shape.ts";
import { type Server, startServer } from "../child.ts";
import { type CallFigures, type Calls, callsOf } from "./calls.ts";
import type { Contestant, Spent } from "./timing.ts";

/** Where a measurement runs, for those who must start a process of their own there. */
export interface Place {
  /** The rung of the ladder: "lavapipe". */
  readonly device: string;
  readonly adapter: string;
  /** What Vulkan's loader must find. */
  readonly variables: Readonly<Record<string, string>>;
  /** The peers that take part; all of them when left out. */
  readonly systems?: readonly PeerName[];
  /** Whether their calls of WebGPU are counted too, for which each starts once more. Default true. */
  readonly isCounted?: boolean;
}

/** Peers by the name of their system: the file in bench/peers, and the backend of it. */
const PEERS = {
  "jax-js webgpu": ["jax-js", "webgpu"],
  "jax-js wasm": ["jax-js", "wasm"],
  "tfjs webgpu": ["tfjs", "webgpu"],
  "tfjs wasm": ["tfjs", "wasm"],
  "tfjs cpu": ["tfjs", "cpu"],
  "ort webgpu": ["ort", "webgpu"],
  "ort cpu": ["ort", "cpu"],
} as const;

export type PeerName = keyof typeof PEERS;

/** Those whose calls of WebGPU can be watched; ONNX Runtime's Dawn is inside of it. */
const COUNTABLE: ReadonlySet<PeerName> = new Set(["jax-js webgpu", "tfjs webgpu"]);

export const PEER_NAMES = Object.keys(PEERS) as readonly PeerName[];

/** Numbers with their shape, as they are sent to a peer. */
export interface Values {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

/** A network on batches of a data set, the rows of the index table one after another. */
export interface NetTask {
  readonly layers: readonly NetLayer[];
  readonly input: Shape;
  readonly classes: number;
  readonly batchSize: number;
  /** gpugrad's first weights by path: "0.weight". */
  readonly weights: Readonly<Record<string, Values>>;
  /** A feature stands for byte · scale. */
  readonly features: Uint8Array;
  readonly scale: number;
  readonly labels: Int32Array;
  readonly indices: Uint32Array;
}

/** Training steps. */
export interface StepTask extends NetTask {
  readonly kind: "step";
  readonly optimizer: { readonly name: string; readonly learningRate: number; readonly options: object };
  /** How many steps give their losses for the check. */
  readonly checked: number;
}

/** The network alone; its results come to the host. */
export interface ForwardTask extends NetTask {
  readonly kind: "forward";
}

/** One function of some inputs. */
export type OpTask = PeerWork & { readonly inputs: readonly Values[] };

export type Task = StepTask | ForwardTask | OpTask;

/** A peer that is ready to be timed. One that fails later takes NaN seconds, and `failure` says why. */
export interface Peer extends Contestant {
  readonly name: PeerName;
  readonly failure: () => string | undefined;
  readonly end: () => void;
}

/** Peers that computed a task right, and of the others why they did not. */
export interface Peers {
  readonly ready: readonly Peer[];
  readonly failed: readonly { readonly name: PeerName; readonly note: string }[];
}

/** Starts the peers of a place on a task, one after another. `check` is told what a peer computed first and says what is wrong with it. */
export async function openPeers(
  place: Place,
  task: Task,
  check: (first: Float32Array) => string | undefined,
): Promise<Peers> {
  const ready: Peer[] = [];
  const failed: { name: PeerName; note: string }[] = [];
  for (const name of place.systems ?? PEER_NAMES) {
    const server = serverOf(place, name, false);
    try {
      const { first } = (await within(MOST_SECONDS, server.ask("open", task))) as { readonly first: Float32Array };
      const wrong = check(first);
      if (wrong !== undefined) throw new GpugradError(wrong);
      ready.push(peerOf(name, server));
    } catch (error) {
      server.end();
      failed.push({ name, note: (error as Error).message });
    }
  }
  return { ready, failed };
}

/** Seconds that a peer may take to get ready and do a task for the first time. */
const MOST_SECONDS = 180;

async function within<Result>(seconds: number, result: Promise<Result>): Promise<Result> {
  const abort = new AbortController();
  const late = setTimeout(seconds * 1000, undefined, { signal: abort.signal, ref: false }).then(() => {
    throw new GpugradError(`takes more than ${seconds} s to do it once`);
  });
  late.catch(() => {}); // when it is called off
  result.catch(() => {}); // when it comes too late
  try {
    return await Promise.race([result, late]);
  } finally {
    abort.abort();
  }
}

function peerOf(name: PeerName, server: Server): Peer {
  let failure: string | undefined;
  return {
    name,
    failure: () => failure,
    end: server.end,
    async run(times) {
      try {
        return (await server.ask("run", times)) as Spent;
      } catch (error) {
        failure ??= (error as Error).message;
        return { times, seconds: Number.NaN, cpuSeconds: Number.NaN };
      }
    },
  };
}

/** What a peer asks of WebGPU for doing a task once. Counting takes time, so a second process does it. */
export async function countPeer(place: Place, name: PeerName, task: Task): Promise<CallFigures> {
  if (!COUNTABLE.has(name) || place.isCounted === false) return {};
  const server = serverOf(place, name, true);
  try {
    await server.ask("open", task);
    const { calls, times } = (await server.ask("run", COUNTED)) as Spent & { readonly calls: Calls };
    return callsOf({}, calls, times);
  } finally {
    server.end();
  }
}

const COUNTED = 16;
const SERVE = fileURLToPath(new URL("../../bench/peers/serve.js", import.meta.url));

function serverOf({ device, variables }: Place, name: PeerName, isCounted: boolean): Server {
  return startServer(SERVE, [...PEERS[name], device, isCounted ? "counted" : ""], variables);
}
