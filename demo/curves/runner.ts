// Asks the worker of the paths, one order at a time: of those that come meanwhile only the newest is kept.
import type { PathsAnswer, PathsOrder } from "./messages.ts";
import { startWorker } from "./startWorker.ts";

export interface Runner {
  ask(order: PathsOrder): void;
  /** Ends a worker that failed; the next order has a fresh one. */
  restart(): void;
}

export function pathsRunner(onAnswer: (answer: PathsAnswer) => void): Runner {
  let worker: Worker | undefined;
  let next: PathsOrder | undefined;
  let isBusy = false;
  const send = () => {
    if (isBusy || !next) return;
    worker ??= begin();
    isBusy = true;
    worker.postMessage(next);
    next = undefined;
  };
  const begin = () => {
    const started = startWorker("paths");
    const hear = (answer: PathsAnswer) => {
      if (started !== worker) return;
      onAnswer(answer);
      if (answer.kind === "picture") return;
      isBusy = false;
      send();
    };
    started.addEventListener("message", ({ data }: MessageEvent<PathsAnswer>) => hear(data));
    started.addEventListener("error", ({ message }) => hear({ kind: "failed", reason: message ?? "" }));
    return started;
  };
  return {
    ask(order) {
      next = order;
      send();
    },
    restart() {
      worker?.terminate();
      worker = undefined;
      isBusy = false;
    },
  };
}
