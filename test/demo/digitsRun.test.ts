// The run of Digits as the page's controls mean it, against a worker that only notes what it is told.
import { afterEach, expect, test, vi } from "vitest";
import { type Run, startRun } from "../../demo/digits/run.ts";
import type { DataNews, RunInfo } from "../../demo/digits/setup.ts";

interface Call {
  readonly id: number;
  readonly call: string;
}

/** A worker that answers everything at once but "step", which `finish` ends. */
class Noting extends EventTarget {
  static last: Noting;
  readonly calls: string[] = [];
  #step: number | undefined;

  constructor() {
    super();
    Noting.last = this;
  }

  postMessage({ id, call }: Call): void {
    this.calls.push(call);
    if (call === "step") this.#step = id;
    else queueMicrotask(() => this.#answer(id, call));
  }

  terminate(): void {}

  finish(): void {
    this.tell({ told: "state", state: { kind: "paused", step: 1, epoch: 0 } });
    this.tell({ id: this.#step });
  }

  tell(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  #answer(id: number, call: string): void {
    const kind = call === "resume" ? "running" : "paused";
    this.tell({ told: "state", state: { kind, step: 0, epoch: 0 } });
    this.tell({
      id,
      value: call === "open" ? { info: { model: "cnn", shape: "", tests: 1 } satisfies RunInfo } : undefined,
    });
  }
}

const grown: DataNews = { digits: 60_000, ofDigits: 60_000, bytes: 1, ofBytes: 1, isGrown: true };
const settle = () => new Promise((resolve) => setTimeout(resolve));

afterEach(() => vi.unstubAllGlobals());

async function opened(): Promise<{ run: Run; worker: Noting }> {
  vi.stubGlobal("Worker", Noting);
  vi.stubGlobal("location", { href: "http://127.0.0.1/digits/" });
  const ignore = () => {};
  const run = startRun({
    ...{ onState: ignore, onSteps: ignore, onReport: ignore, onData: ignore, onOpen: ignore },
    onFail(error) {
      throw error;
    },
  });
  await run.open();
  await settle();
  return { run, worker: Noting.last };
}

test("a run goes on over more digits after a pause", async () => {
  const { worker } = await opened();
  worker.tell({ told: "message", name: "data", payload: grown });
  await settle();
  expect(worker.calls).toEqual(["open", "resume", "pause", "resume"]);
});

test("a single step is not lost when more digits come while it runs", async () => {
  const { run, worker } = await opened();
  await run.toggle();
  const stepping = run.step();
  worker.tell({ told: "state", state: { kind: "running", step: 0, epoch: 0 } });
  worker.tell({ told: "message", name: "data", payload: grown });
  await settle();
  worker.finish();
  await stepping;
  expect(worker.calls).toEqual(["open", "resume", "pause", "step"]);
  expect(run.wish).toBe("pause");
});
