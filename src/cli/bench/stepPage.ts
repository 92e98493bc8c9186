// gpugrad in a page, as a contestant: the trainer works in a worker, and the page asks for steps over the channel. Answers the calls of `chromium.ts`.
import { connectTrainer, type RemoteOptions, type RemoteTrainer } from "../../train/remote.ts";
import { CHECKED_STEPS } from "./stepCase.ts";

let trainer: RemoteTrainer<string>;

async function opened(name: string, options: RemoteOptions = {}): Promise<RemoteTrainer<string>> {
  const worker = new Worker(new URL("./stepWorker.ts", import.meta.url), { type: "module" });
  const remote = connectTrainer<string>(worker, options);
  await remote.open(name);
  return remote;
}

Object.assign(globalThis, {
  contestant: {
    /** Makes a step ready and gives its first losses. */
    async open(name: string): Promise<Float32Array> {
      const losses: number[] = [];
      const checked = await opened(name, { onSteps: (logs) => void losses.push(...logs.map(({ loss }) => loss)) });
      await checked.step(CHECKED_STEPS);
      checked.dispose();
      trainer = await opened(name);
      return Float32Array.from(losses);
    },

    /** Seconds for so many steps, until they are done. */
    async run(times: number): Promise<number> {
      const start = performance.now();
      await trainer.step(times);
      return (performance.now() - start) / 1000;
    },
  },
});
