// The run in the worker, as the page's controls mean it: what is wanted outlasts that a run is opened anew.
import { connectTrainer, packWeights, type RemoteState, type Report, type StepLog } from "gpugrad";
import type { DataNews, RunInfo, Setup } from "./setup.ts";

/** What the visitor wants of the run, whatever it is doing at the moment. */
export type Wish = "run" | "pause" | "stop";

export interface RunEvents {
  readonly onState: (state: RemoteState) => void;
  readonly onSteps: (logs: readonly StepLog[]) => void;
  readonly onReport: (report: Report) => void;
  readonly onData: (news: DataNews) => void;
  /** A run is open; it goes on by itself where that is wanted. */
  readonly onOpen: (info: RunInfo) => void;
  readonly onFail: (error: Error) => void;
}

export interface Run {
  readonly setup: Setup;
  /** Undefined until a run was open for the first time. */
  readonly info: RunInfo | undefined;
  readonly state: RemoteState;
  readonly wish: Wish;
  /** Opens a run in place of the one that is open. What `isKept` was learnt goes on in it. */
  open(next?: Partial<Setup>, isKept?: boolean): Promise<void>;
  /** Pauses, resumes, or opens again what failed: from the last checkpoint where there is one. */
  toggle(): Promise<void>;
  /** One step, then a pause. */
  step(): Promise<void>;
  /** Ends the run for good. */
  stop(): Promise<void>;
  /** Goes on from what was learnt with other settings; a slider that is still moving is waited for. */
  goOnWith(next: Partial<Setup>): void;
  ask<Answer>(name: string, payload?: unknown): Promise<Answer>;
  /** The weights as a safetensors file; the last known where the device is gone. */
  weights(): Promise<Blob>;
}

const SETTLING = 350; // ms

/** Starts the worker. Nothing is open until `open`. */
export function startRun(events: RunEvents): Run {
  let setup: Setup = { model: "cnn", rate: 1e-3, batch: 64, seed: 1, data: new URL("./data/", location.href).href };
  let info: RunInfo | undefined;
  let wish: Wish = "run";
  let openings = 0;
  let settling: ReturnType<typeof setTimeout> | undefined;

  const connect = () =>
    connectTrainer<Setup>(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }), {
      onState: events.onState,
      onSteps: events.onSteps,
      onReport: events.onReport,
      onMessage: (_, payload) => hear(payload as DataNews),
    });
  let trainer = connect();

  /** More digits are there: the steps after a pause are over all of them. A single step is not to be lost by it. */
  function hear(news: DataNews): void {
    events.onData(news);
    if (news.isGrown && wish === "run" && trainer.state.kind === "running") attempt(() => trainer.pause().then(follow));
  }

  async function follow(): Promise<void> {
    if (wish === "run") await trainer.resume();
  }

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    const mine = openings;
    try {
      await work();
    } catch (error) {
      if (mine === openings) events.onFail(error as Error);
    }
  }

  /** The buttons change at once, whatever the worker has to finish first. */
  function want(next: Wish): void {
    wish = next;
    events.onState(trainer.state);
  }

  function open(next: Partial<Setup> = {}, isKept = false): Promise<void> {
    clearTimeout(settling);
    const mine = ++openings;
    setup = { ...setup, ...next };
    if (wish === "stop") wish = "pause";
    return attempt(async () => {
      const kept = isKept && info ? await trainer.checkpoint() : undefined;
      if (mine !== openings) return;
      if (trainer.state.kind === "failed" && !trainer.state.hasSnapshot) {
        trainer.dispose(); // its worker may have ended
        trainer = connect();
      }
      const opened = await trainer.open(setup);
      info = opened.info as RunInfo;
      if (kept) await trainer.restore(kept);
      if (mine !== openings) return;
      events.onOpen(info);
      await follow();
    });
  }

  return {
    get setup() {
      return setup;
    },
    get info() {
      return info;
    },
    get state() {
      return trainer.state;
    },
    get wish() {
      return wish;
    },
    open(next, isKept) {
      if (!isKept) wish = "run";
      return open(next, isKept);
    },
    toggle() {
      const { state } = trainer;
      want(wish === "run" && state.kind !== "failed" ? "pause" : "run");
      if (state.kind === "failed") return open({}, state.hasSnapshot);
      return attempt(() => (wish === "run" ? trainer.resume() : trainer.pause()));
    },
    step() {
      want("pause");
      return attempt(() => trainer.step());
    },
    stop() {
      want("stop");
      return attempt(() => trainer.stop());
    },
    goOnWith(next) {
      setup = { ...setup, ...next };
      clearTimeout(settling);
      settling = setTimeout(() => open({}, true), SETTLING);
    },
    ask: (name, payload) => trainer.ask(name, payload),
    async weights() {
      const { seed, rate, batch } = setup;
      const notes = { model: info?.model ?? setup.model, seed: `${seed}`, rate: `${rate}`, batch: `${batch}` };
      const file = packWeights(await trainer.snapshot(), notes);
      return new Blob([file as Uint8Array<ArrayBuffer>]);
    },
  };
}
