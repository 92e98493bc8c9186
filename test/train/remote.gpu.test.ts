// A remote trainer over a MessageChannel: requests, states, order, errors. (Lost devices: remoteRecovery.gpu.test.ts.)
import { afterEach, describe, expect, test } from "vitest";
import { OptionError, ShapeError } from "../../src/core/error.ts";
import type { RemoteState } from "../../src/train/channel.ts";
import { connectTrainer, type RemoteOptions, type RemoteTrainer } from "../../src/train/remote.ts";
import type { Report, StepLog } from "../../src/train/report.ts";
import { type Open, serveTrainer } from "../../src/train/serve.ts";
import { testGpu } from "../device.ts";
import { rejectionOf } from "../errorOf.ts";
import { type Setup, serveSetup } from "./served.ts";

const connected: RemoteTrainer<never>[] = [];
afterEach(() => {
  for (const trainer of connected.splice(0)) trainer.dispose();
});

function connect<S = Setup>(open: Open<S>, options: RemoteOptions = {}) {
  const { port1, port2 } = new MessageChannel();
  const states: RemoteState[] = [];
  serveTrainer(port2, open);
  const trainer = connectTrainer<S>(port1, {
    ...options,
    onState: (state) => {
      states.push(state);
      options.onState?.(state);
    },
  });
  connected.push(trainer as never);
  return { trainer, states, kinds: () => states.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]) };
}
const onGpu: Open<Setup> = async (setup, context) => serveSetup(setup, context, await testGpu());
const onCpu: Open<Setup> = (setup, context) => serveSetup(setup, context, undefined);
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const stepOf = (state: RemoteState) => ("step" in state ? state.step : Number.NaN);

describe.each([
  ["whole steps in one kernel", onGpu, 3],
  ["dispatches", onGpu, 64],
  ["the CPU reference", onCpu, 3],
] as const)("%s", (_, open, units) => {
  test("opens, runs, pauses, goes on, and tells every step and rising reports", async () => {
    const [logs, reports]: [StepLog[], Report[]] = [[], []];
    const { trainer, kinds } = connect(open, {
      onSteps: (more) => void logs.push(...more),
      onReport: (report) => void reports.push(report),
    });
    const opened = await trainer.open({ units });
    expect(opened.parameterCount).toBe(5 * units + 2);
    expect(opened.stats?.dispatches).toBeGreaterThan(0);
    await trainer.resume();
    expect(trainer.state.kind).toBe("running");
    await until(() => reports.length > 3);
    const asked = performance.now();
    await trainer.pause();
    expect(performance.now() - asked).toBeLessThan(200);
    const at = stepOf(trainer.state);
    expect(trainer.state.kind).toBe("paused");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(logs.map(({ step }) => step)).toEqual(Array.from({ length: at }, (_, i) => i + 1));
    expect(logs.every(({ loss, metrics }) => Number.isFinite(loss) && Number.isFinite(metrics.accuracy))).toBe(true);
    await trainer.step(3);
    expect(trainer.state).toMatchObject({ kind: "paused", step: at + 3 });
    await trainer.resume();
    await until(() => (reports.at(-1)?.totalSteps ?? 0) > at + 3);
    await trainer.stop();
    expect(trainer.state.kind).toBe("finished");
    const totals = reports.map(({ totalSteps }) => totalSteps);
    expect(totals).toEqual([...new Set(totals)].sort((a, b) => a - b));
    expect(reports.every(({ epoch, totalSteps }) => epoch === Math.ceil(totalSteps / 4))).toBe(true);
    expect(await rejectionOf(trainer.resume())).toMatch(/^OptionError: resume: the run is stopped/);
    expect(Object.keys(await trainer.snapshot())).toContain("0.weight");
    expect(kinds().at(0)).toBe("opening");
  });

  test("steps, pauses and a run of one go give the same bits", async () => {
    const one = connect(open).trainer;
    await one.open({ units });
    await one.step(40);
    const other = connect(open).trainer;
    await other.open({ units });
    for (const count of [1, 6, 3, 20, 10]) await other.step(count);
    expect(await other.checkpoint()).toEqual(await one.checkpoint());
  });
});

test("a run ends by its epochs, and callbacks are told once", async () => {
  const ends: number[] = [];
  const reports: Report[] = [];
  const open: Open<Setup> = async (setup, context) => {
    const served = await serveSetup(setup, context, await testGpu());
    const onEnd = () => void ends.push(served.trainer.step);
    return { ...served, fit: { ...served.fit, epochs: 5, callbacks: [{ onEnd }] } };
  };
  const { trainer } = connect(open, { onReport: (report) => void reports.push(report) });
  await trainer.open({ units: 64 });
  await trainer.step(3);
  await trainer.step(3);
  expect(ends).toEqual([]);
  await trainer.resume();
  await until(() => trainer.state.kind === "finished");
  expect(trainer.state).toEqual({ kind: "finished", step: 20, epoch: 5 });
  expect(ends).toEqual([20]);
  expect(reports.at(-1)).toMatchObject({ epoch: 5, epochs: 5, totalSteps: 20, isEpochEnd: true });
  expect(await rejectionOf(trainer.step())).toMatch(/^OptionError: step: the run is finished/);
});

test("checkpoints go across, to another trainer too, while it runs", async () => {
  const { trainer } = connect(onGpu);
  await trainer.open({ units: 64 });
  await trainer.step(7);
  const checkpoint = await trainer.checkpoint();
  await trainer.step(9);
  const later = await trainer.checkpoint();
  const other = connect(onGpu).trainer;
  await other.open({ units: 64 });
  await other.resume();
  await other.restore(checkpoint);
  expect(other.state.kind).toBe("running");
  await other.pause();
  await other.restore(checkpoint);
  await other.step(9);
  expect(await other.checkpoint()).toEqual(later);
  await other.resume();
  expect((await other.checkpoint()).step).toBeGreaterThan(0);
  expect(other.state.kind).toBe("running");
});

test("weights, predictions, evaluations and own requests are answered while it runs, in order", async () => {
  const drawn: number[] = [];
  const messages: [string, unknown][] = [];
  const open: Open<Setup> = async (setup, context) => {
    const served = await serveSetup(setup, context, await testGpu());
    context.send("hello", { from: 1 });
    return {
      ...served,
      info: { words: ["two", "clouds"] },
      onReport: ({ totalSteps }) => void drawn.push(totalSteps),
      requests: {
        double: (value: number) => 2 * value,
        later: async ({ text }: { text: string }) => text.toUpperCase(),
        fails: () => {
          throw new ShapeError("fails: on purpose: [2, 3]", { shape: [2, 3], run: () => 1 });
        },
      },
    };
  };
  const { trainer } = connect(open, { onMessage: (...message) => void messages.push(message) });
  expect((await trainer.open({ units: 64 })).info).toEqual({ words: ["two", "clouds"] });
  expect(messages).toEqual([["hello", { from: 1 }]]);
  await trainer.resume();
  const order: string[] = [];
  const note = <T>(name: string, promise: Promise<T>) =>
    promise.then((value) => {
      order.push(name);
      return value;
    });
  const [prediction, weights, evaluation, double, later] = await Promise.all([
    note("predict", trainer.predict(Float32Array.of(1, 2, 3, 4))),
    note("snapshot", trainer.snapshot()),
    note("evaluate", trainer.evaluate()),
    note("double", trainer.ask<number>("double", 21)),
    note("later", trainer.ask<string>("later", { text: "a" })),
  ]);
  expect(order).toEqual(["predict", "snapshot", "evaluate", "double", "later"]);
  expect(prediction.shape).toEqual([2, 2]);
  expect(weights["0.weight"]?.shape).toEqual([2, 64]);
  expect(evaluation.count).toBe(100);
  expect([double, later]).toEqual([42, "A"]);
  const error = await trainer.ask("fails").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ShapeError);
  expect(error).toMatchObject({ message: "fails: on purpose: [2, 3]", fields: { shape: [2, 3] } });
  expect(await rejectionOf(trainer.ask("nothing"))).toBe(
    'OptionError: ask: there is no "nothing". There are: double, later, fails',
  );
  expect(await rejectionOf(trainer.predict(Float32Array.of(1)))).toMatch(/^DataError: predict: /);
  expect(trainer.state.kind).toBe("running");
  await trainer.load(weights);
  expect(trainer.state.kind).toBe("running");
  await trainer.pause();
  await trainer.load(weights);
  expect(await trainer.snapshot()).toEqual(weights);
  await until(() => drawn.length > 0);
});

test("opening fails with the error of whoever opens, and may be tried again", async () => {
  const { trainer, states } = connect<{ units: number }>(async ({ units }, context) => {
    if (units === 0) throw new OptionError("linear: units must be 1 or more: got 0", { units });
    return serveSetup({ units }, context, undefined);
  });
  const error = await trainer.open({ units: 0 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OptionError);
  expect(error).toMatchObject({ fields: { units: 0 } });
  expect(states.at(-1)).toEqual({
    kind: "failed",
    reason: "linear: units must be 1 or more: got 0",
    hasSnapshot: false,
  });
  expect(await rejectionOf(trainer.resume())).toBe("OptionError: resume: nothing is open. Call open first");
  await trainer.open({ units: 3 });
  await trainer.step();
  expect(await rejectionOf(trainer.step(0))).toMatch(/^OptionError: step: count must be a whole number/);
  expect(await rejectionOf(trainer.open({ units: 1, run: () => 1 } as never))).toMatch(
    /^DataError: open: this cannot be sent/,
  );
});

test("another open, stop and dispose end one that is under way", async () => {
  const signals: AbortSignal[] = [];
  const slow: Open<Setup> = async (setup, context) => {
    signals.push(context.signal);
    if (setup.units === 1) await new Promise((resolve) => setTimeout(resolve, 60_000).unref?.() ?? resolve);
    return serveSetup(setup, context, undefined);
  };
  const { trainer } = connect(slow);
  const first = rejectionOf(trainer.open({ units: 1 }));
  await until(() => signals.length === 1);
  const second = rejectionOf(trainer.open({ units: 1 }));
  await until(() => signals.length === 2);
  expect(await first).toMatch(/^GpugradError: open: another open, stop or dispose came before it was done/);
  expect(signals[0]?.aborted).toBe(true);
  const stopped = trainer.stop();
  expect(await second).toMatch(/^GpugradError: open: another/);
  await stopped;
  expect(trainer.state.kind).toBe("closed");
  const third = rejectionOf(trainer.open({ units: 1 }));
  await until(() => signals.length === 3);
  trainer.dispose();
  expect(await third).toMatch(/^OptionError: request: this remote trainer was disposed of/);
  await until(() => signals[2]?.aborted === true);
});

test("everything may be asked twice, and at any time", async () => {
  const { trainer } = connect(onGpu);
  expect(await rejectionOf(trainer.snapshot())).toBe("OptionError: snapshot: nothing is open. Call open first");
  await trainer.pause();
  const [, ...rest] = await Promise.all([
    trainer.open({ units: 3 }),
    trainer.pause(),
    trainer.resume(),
    trainer.resume(),
    trainer.pause(),
    trainer.pause(),
    trainer.step(2),
    trainer.snapshot(),
  ]);
  expect(rest.length).toBe(7);
  expect(trainer.state.kind).toBe("paused");
  await Promise.all([trainer.open({ units: 3 }), trainer.stop()]).catch(() => {}); // whichever comes first
  expect(["finished", "closed"]).toContain(trainer.state.kind);
  await trainer.open({ units: 3 });
  const stepping = trainer.step(10_000_000);
  await until(() => trainer.state.kind === "running");
  await trainer.pause();
  await stepping;
  await trainer.stop();
  await trainer.stop();
  expect(trainer.state.kind).toBe("finished");
  trainer.dispose();
  trainer.dispose();
  expect(trainer.state).toEqual({ kind: "closed" });
  expect(await rejectionOf(trainer.pause())).toMatch(/^OptionError: pause: this remote trainer was disposed of/);
});

test("of openings that overtake each other only the last one compiles, after the one that has begun", async () => {
  const preparing = { now: 0, most: 0, times: 0 };
  const { port1, port2 } = new MessageChannel();
  serveTrainer<Setup>(port2, async (setup, context) => {
    const served = await serveSetup(setup, context, undefined);
    const { trainer } = served;
    const prepare = trainer.prepare.bind(trainer);
    trainer.prepare = async (...args) => {
      preparing.times++;
      preparing.most = Math.max(preparing.most, ++preparing.now);
      await until(() => arrived === 8); // browsers end no compiling that has begun
      preparing.now--;
      return prepare(...args);
    };
    return served;
  });
  let arrived = 0;
  port2.addEventListener("message", () => arrived++);
  const trainer = connectTrainer<Setup>(port1);
  const openings: Promise<unknown>[] = [];
  for (let units = 1; units <= 8; units++) {
    openings.push(
      trainer.open({ units }).then(
        () => units,
        () => "overtaken",
      ),
    );
    await until(() => preparing.times === 1);
  }
  expect(await Promise.all(openings)).toEqual([...Array(7).fill("overtaken"), 8]);
  expect(preparing).toEqual({ now: 0, most: 1, times: 2 });
  trainer.dispose();
});

test("a number that is not finite fails the run; the weights stay, and others may be loaded", async () => {
  const { trainer, states } = connect(onGpu);
  await trainer.open({ units: 3, rate: 1e30, optimizer: "sgd" });
  const before = await trainer.snapshot();
  await trainer.resume();
  await until(() => trainer.state.kind === "failed");
  expect(states.at(-1)).toMatchObject({
    hasSnapshot: true,
    reason: expect.stringMatching(/^fit: step \d+ is not finite/),
  });
  for (const { data } of Object.values(await trainer.snapshot())) expect(data.every(Number.isFinite)).toBe(true);
  expect(await rejectionOf(trainer.resume())).toMatch(/^GpugradError: resume: the run failed: fit: step/);
  await trainer.load(before);
  expect(trainer.state.kind).toBe("paused");
  await trainer.step();
});
