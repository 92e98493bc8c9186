// The channel between a page and the trainer that works for it: requests with one reply each, in order, and what the trainer tells by itself.
// All of it is plain data that `postMessage` copies.
import type { DeviceInfo } from "../core/deviceInfo.ts";
import type { ExecutableStats, Progress } from "../graph/device.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Prediction } from "./predict.ts";
import type { Evaluation, Report } from "./report.ts";
import type { SentError } from "./sentError.ts";
import type { Weights } from "./state.ts";

/** One end of a channel: a `Worker`, a worker's own scope, or a `MessagePort`, in pages and in Node. */
export interface Port {
  postMessage(message: unknown, options?: { transfer?: Transferable[] }): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  start?(): void;
  close?(): void;
}

/** Where a remote trainer is. */
export type RemoteState =
  /** Device, model and kernels are being made. */
  | { readonly kind: "opening"; readonly progress?: Progress }
  | { readonly kind: "paused" | "running" | "finished"; readonly step: number; readonly epoch: number }
  /** The device was lost; it is opened again, and training goes on from the last checkpoint. */
  | { readonly kind: "recovering"; readonly reason: string }
  /** No device came back, a number was not finite, or it could not be opened. With `hasSnapshot`, `snapshot()` gives the last weights. */
  | { readonly kind: "failed"; readonly reason: string; readonly hasSnapshot: boolean }
  | { readonly kind: "closed" };

/** What was opened. */
export interface OpenedInfo {
  readonly device: DeviceInfo;
  readonly parameterCount: number;
  /** Dispatches and memory of the training step. */
  readonly stats?: ExecutableStats;
  /** What the other side gave as `info`. */
  readonly info?: unknown;
}

/** Each request: what it takes, and what its reply gives. */
export interface Requests {
  open: { takes: [setup: unknown, wantsSteps: boolean]; gives: OpenedInfo };
  resume: { takes: []; gives: undefined };
  pause: { takes: []; gives: undefined };
  step: { takes: [count: number]; gives: undefined };
  stop: { takes: []; gives: undefined };
  snapshot: { takes: []; gives: Weights };
  checkpoint: { takes: []; gives: Checkpoint };
  restore: { takes: [checkpoint: Checkpoint]; gives: undefined };
  load: { takes: [weights: Weights]; gives: undefined };
  predict: { takes: [examples: Float32Array]; gives: Prediction };
  evaluate: { takes: []; gives: Evaluation };
  ask: { takes: [name: string, payload: unknown]; gives: unknown };
  dispose: { takes: []; gives: undefined };
}

export type RequestName = keyof Requests;

/** A request as it is sent. */
export interface Request<Name extends RequestName = RequestName> {
  readonly id: number;
  readonly call: Name;
  readonly args: Requests[Name]["takes"];
}

/** The reply to request `id`. */
export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: SentError;
}

/** What comes without having been asked for. */
export type Told =
  /** A worker holds the lock of that name as long as it lives. */
  | { readonly told: "alive"; readonly lock: string }
  | { readonly told: "state"; readonly state: RemoteState }
  | { readonly told: "report"; readonly report: Report }
  /** Rows of step, loss and each metric. */
  | { readonly told: "steps"; readonly metrics: readonly string[]; readonly rows: Float64Array }
  | { readonly told: "message"; readonly name: string; readonly payload: unknown };
