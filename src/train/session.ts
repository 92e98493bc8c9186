// What serves a page: a trainer that is opened, run, paused, asked, and opened again when its device is gone.
import { GpugradError, OptionError } from "../core/error.ts";
import type { OpenedInfo, RemoteState, RequestName, Told } from "./channel.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { budgetOf, drive, Teller } from "./drive.ts";
import { LastingTrainer } from "./lasting.ts";
import { type Opened, overtaken } from "./opened.ts";
import type { Evaluation } from "./report.ts";
import type { Open, Served } from "./serve.ts";
import type { Weights } from "./state.ts";
import type { Trainer } from "./trainer.ts";

/** A run that goes on until it is paused. */
interface Going {
  readonly goal: number;
  isPausing: boolean;
  fit: AbortController;
  /** What is to be done between two fits. */
  readonly tasks: (() => Promise<void>)[];
  done: Promise<void>;
}

/** One page's trainer. Requests come one at a time, but for what `interrupt` is told. */
export class Session {
  readonly #tell: (told: Told, transfer?: Transferable[]) => void;
  readonly #lasting: LastingTrainer;
  #teller: Teller;
  #going: Going | undefined;
  #openings = { asked: 0, begun: 0 };
  /** Why there is no going on: until something is opened, or the state is changed. */
  #end: "stopping" | "stopped" | "finished" | "failed" | "disposed" | undefined;
  #reason = "";

  constructor(open: Open<unknown>, tell: (told: Told, transfer?: Transferable[]) => void) {
    this.#tell = tell;
    this.#teller = new Teller(tell, false);
    this.#lasting = new LastingTrainer(open, {
      say: (state) => this.#say(state),
      send: (name, payload, transfer) => tell({ told: "message", name, payload }, transfer),
      onBack: () => {
        if (this.#end) this.#sayPlace("finished");
        else this.#sayPlace(this.#going && !this.#going.isPausing ? "running" : "paused");
      },
      onFail: (reason) => {
        if (this.#end === "disposed") return;
        [this.#end, this.#reason] = ["failed", reason];
        this.#say({ kind: "failed", reason, hasSnapshot: this.#lasting.opened !== undefined });
      },
      isRunning: () => this.#going !== undefined,
    });
  }

  /** Ends what a request that has just come must not wait for. */
  interrupt(call: RequestName): void {
    if (call === "open") this.#openings.asked++;
    if (call === "dispose") this.#end = "disposed";
    if (call === "stop") this.#end ??= "stopping";
    const isEnd = call === "open" || call === "stop" || call === "dispose";
    if ((isEnd || call === "pause") && this.#going) {
      this.#going.isPausing = true;
      this.#going.fit.abort();
    }
    if (isEnd) this.#lasting.abort();
  }

  async open(setup: unknown, wantsSteps: boolean): Promise<OpenedInfo> {
    if (++this.#openings.begun < this.#openings.asked || this.#end === "disposed") throw overtaken();
    await this.pause();
    await this.#lasting.recovering;
    await this.#going?.done;
    this.#end = undefined;
    this.#teller = new Teller(this.#tell, wantsSteps);
    const { trainer, info } = await this.#lasting.open(setup);
    const { stats, parameterCount, device } = trainer;
    return {
      ...{ device: device.info, parameterCount },
      ...(stats ? { stats } : {}),
      ...(info === undefined ? {} : { info }),
    };
  }

  async resume(): Promise<void> {
    await this.#lasting.recovering;
    if (this.#going?.isPausing) await this.#going.done; // paused while it recovered: that run still has to end
    if (this.#ready("resume") && !this.#going) this.#start(Number.POSITIVE_INFINITY);
  }

  /** Waits until nothing runs; a recovery goes on by itself and ends paused. */
  async pause(): Promise<void> {
    this.interrupt("pause"); // a run that a request before this one has started
    if (!this.#lasting.recovering) await this.#going?.done;
  }

  async step(count: number): Promise<void> {
    if (!Number.isInteger(count) || count < 1)
      throw new OptionError(`step: count must be a whole number from 1 on: got ${count}`, { count });
    await this.pause();
    await this.#lasting.recovering;
    const trainer = this.#ready("step");
    if (trainer) await this.#start(trainer.step + count).done;
  }

  async stop(): Promise<void> {
    await this.pause();
    if (!this.#lasting.opened) {
      this.#say({ kind: "closed" });
      return;
    }
    if (!this.#end || this.#end === "stopping") this.#end = "stopped"; // an open before this one has forgotten
    if (this.#end === "stopped") this.#sayPlace("finished");
  }

  async snapshot(): Promise<Weights> {
    const { trainer } = this.#lasting.require("snapshot");
    try {
      if (!this.#lasting.isGone) return await trainer.weights();
    } catch (error) {
      if (!trainer.device.failure) throw error;
    }
    return this.#lasting.checkpoint?.weights ?? trainer.weights();
  }

  async checkpoint(): Promise<Checkpoint> {
    this.#lasting.require("checkpoint");
    const last = this.#lasting.checkpoint;
    if (this.#lasting.isGone && last) return last;
    return this.#between(() => this.use(({ trainer }) => trainer.checkpoint()));
  }

  /** Changes the trainer's state, between two fits when it runs. */
  async change(work: (served: Served) => void | Promise<void>): Promise<void> {
    await this.#between(async () => {
      this.#lasting.checkpoint = await this.use(async (served) => {
        await work(served);
        this.#teller.startAt(served.trainer.step);
        return served.trainer.checkpoint();
      });
      if (this.#end === "failed" || this.#end === "finished") this.#end = undefined;
      if (!this.#going) this.#sayPlace(this.#end ? "finished" : "paused");
    });
  }

  evaluate(): Promise<Evaluation> {
    return this.use((served) =>
      served.trainer.evaluate(served.fit?.validation ?? served.set, { budget: budgetOf(served) }),
    );
  }

  async ask(name: string, payload: unknown): Promise<unknown> {
    await this.#lasting.recovering;
    const { requests = {} } = this.#lasting.require("ask");
    if (!Object.hasOwn(requests, name)) {
      throw new OptionError(`ask: there is no "${name}". There are: ${Object.keys(requests).join(", ") || "none"}`);
    }
    const { presence } = this.#lasting.opened as Opened;
    return presence.whileThere((async () => requests[name]?.(payload as never))());
  }

  use<Result>(work: (served: Served) => Promise<Result>): Promise<Result> {
    return this.#lasting.use(work);
  }

  async dispose(): Promise<void> {
    this.#lasting.dispose();
    await this.#going?.done;
  }

  #start(goal: number): Going {
    const going: Going = { goal, isPausing: false, fit: new AbortController(), tasks: [], done: Promise.resolve() };
    this.#going = going;
    this.#sayPlace("running");
    going.done = this.#run(going);
    return going;
  }

  async #run(going: Going): Promise<void> {
    let isOver = false;
    let isThere = true;
    while (!going.isPausing && !isOver && isThere && !this.#end) {
      const opened = this.#lasting.opened as Opened;
      const { served, presence } = opened;
      const release = this.#lasting.watch();
      going.fit = new AbortController();
      try {
        const ended = await drive(served, {
          ...{ goal: going.goal, signal: going.fit.signal, teller: this.#teller, presence },
          isFinal: () => this.#end !== undefined,
          keep: (checkpoint) => {
            if (opened === this.#lasting.opened) this.#lasting.checkpoint = checkpoint;
          },
        });
        presence.check(); // lost while the last of it was told
        isOver = ended;
        if (isOver) this.#end ??= "finished";
        if (served.trainer.step >= going.goal) going.isPausing = true;
      } catch (error) {
        isThere = await this.#lasting.recover(opened, error);
      } finally {
        release();
      }
      for (const task of going.tasks.splice(0)) await task();
    }
    this.#going = undefined;
    for (const task of going.tasks) await task();
    if (this.#end === "finished") this.#sayPlace("finished");
    else if (isThere && !this.#end) this.#sayPlace("paused");
    this.#lasting.look();
  }

  /** Does `work` while no fit runs; a run goes on after it. */
  async #between<Result>(work: () => Promise<Result>): Promise<Result> {
    const going = this.#going;
    if (!going) return work();
    return new Promise((resolve, reject) => {
      going.tasks.push(() => work().then(resolve, reject));
      going.fit.abort();
    });
  }

  /** The trainer, to start a run of; undefined where a stop has come already. @throws where there is no going on */
  #ready(call: string): Trainer | undefined {
    const { trainer } = this.#lasting.require(call);
    if (this.#end === "stopping") return undefined;
    if (this.#end === "failed") throw new GpugradError(`${call}: the run failed: ${this.#reason}`);
    if (this.#end) throw new OptionError(`${call}: the run is ${this.#end}. Open it again, or restore a checkpoint`);
    return trainer;
  }

  #sayPlace(kind: "paused" | "running" | "finished"): void {
    const { step, epoch } = this.#lasting.require("state").trainer;
    this.#say({ kind, step, epoch });
  }

  #say(state: RemoteState): void {
    if (this.#end !== "disposed") this.#tell({ told: "state", state });
  }
}
