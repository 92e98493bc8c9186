// What a pause of a remote trainer does not wait for: answers to the page's own requests, and compiling.
import { afterEach, expect, test } from "vitest";
import { connectTrainer, type RemoteTrainer } from "../../src/train/remote.ts";
import { type Served, serveTrainer } from "../../src/train/serve.ts";
import { clouds, type Setup, serveSetup } from "./served.ts";

const connected: RemoteTrainer<Setup>[] = [];
afterEach(() => {
  for (const trainer of connected.splice(0)) trainer.dispose();
});

/** A trainer on the reference, served with what `change` makes of it. */
function connect(change: (served: Served) => Served): RemoteTrainer<Setup> {
  const { port1, port2 } = new MessageChannel();
  serveTrainer<Setup>(port2, async (setup, context) => change(await serveSetup(setup, context, undefined)));
  const trainer = connectTrainer<Setup>(port1);
  connected.push(trainer);
  return trainer;
}

/** A promise, and what fulfils it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const stepOf = ({ state }: RemoteTrainer<Setup>) => ("step" in state ? state.step : Number.NaN);
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("an answer that takes its time holds up neither a pause nor what comes after it", async () => {
  const answer = gate();
  const order: string[] = [];
  const trainer = connect((served) => ({
    ...served,
    requests: { slow: () => answer.opened.then(() => "slow"), quick: () => "quick" },
  }));
  await trainer.open({});
  await trainer.resume();
  const slow = trainer.ask<string>("slow").then((said) => order.push(said));
  const quick = trainer.ask<string>("quick").then((said) => order.push(said));
  await trainer.pause();
  const paused = stepOf(trainer);
  await trainer.step(2);
  expect(stepOf(trainer)).toBe(paused + 2);
  await trainer.resume();
  await trainer.pause();
  expect(order).toEqual([]);
  answer.open();
  await Promise.all([slow, quick]);
  expect(order).toEqual(["slow", "quick"]);
});

test("a request waits for what the trainer was told before it", async () => {
  const trainer = connect((served) => ({ ...served, requests: { step: () => served.trainer.step } }));
  const [, , at] = await Promise.all([trainer.open({}), trainer.step(5), trainer.ask<number>("step")]);
  expect(at).toBe(5);
});

test("a pause does not wait for compiling, and the run that follows does", async () => {
  const compiling = gate();
  let isGrown = false;
  const trainer = connect((served) => {
    const prepare = served.trainer.prepare.bind(served.trainer);
    served.trainer.prepare = async (set, options) => {
      if (set.count === 200) await compiling.opened;
      await prepare(set, options);
    };
    const [small, large] = [served.set, clouds(200)];
    return {
      ...served,
      get set() {
        return isGrown ? large : small;
      },
    };
  });
  await trainer.open({});
  isGrown = true;
  await trainer.resume();
  await trainer.pause();
  expect(trainer.state).toMatchObject({ kind: "paused", step: 0 });
  const stepping = trainer.step(3);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(trainer.state).toMatchObject({ kind: "running", step: 0 });
  compiling.open();
  await stepping;
  expect(trainer.state).toMatchObject({ kind: "paused", step: 3 });
  await trainer.resume();
  await until(() => stepOf(trainer) > 3);
});

test("a resume and a step that a stop overtakes start nothing, and are no mistake", async () => {
  const trainer = connect((served) => served);
  await trainer.open({});
  await Promise.all([trainer.resume(), trainer.pause(), trainer.resume(), trainer.step(), trainer.stop()]);
  expect(trainer.state.kind).toBe("finished");
  await expect(trainer.resume()).rejects.toThrow("resume: the run is stopped");
});
