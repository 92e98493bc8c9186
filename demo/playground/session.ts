// One run after another in a worker: opened from settings and points, played, paused, stepped, opened anew.
import { connectTrainer, packWeights, type RemoteState, type RemoteTrainer } from "gpugrad";
import type { Canvases, Looks, ProbeMessage, Setup } from "./protocol.ts";

export interface SessionOptions {
  /** New canvases: those before them stayed with a worker that ended. */
  readonly canvases: () => Canvases;
  readonly onState: (state: RemoteState) => void;
  readonly onProbe: (probe: ProbeMessage) => void;
  readonly onOpened: () => void;
}

export class Session {
  readonly #options: SessionOptions;
  #remote: RemoteTrainer<Setup> | undefined;
  /** Counts what is asked for: whatever was overtaken stops by itself. */
  #turn = 0;
  #opening: Promise<void> = Promise.resolve();
  /** True while an opening takes the steps that it was asked for, which may be many. */
  #isCatchingUp = false;
  /** True while steps follow each other, or will when the run is open. */
  isPlaying = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get state(): RemoteState {
    return this.#remote?.state ?? { kind: "closed" };
  }

  /** Opens a run in place of the one before; takes `steps` at once, then plays or stands still. */
  open(setup: Omit<Setup, "canvases">, { steps = 0, plays = true } = {}): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = plays;
    if (this.#isCatchingUp) this.#remote?.pause().catch(() => {}); // whoever trains hears of it
    const open = async () => {
      if (turn !== this.#turn) return;
      if (this.#remote?.state.kind === "failed") this.#end();
      const canvases = this.#remote ? undefined : this.#options.canvases();
      this.#remote ??= this.#connect();
      const remote = this.#remote;
      await remote.open({ ...setup, ...(canvases ? { canvases } : {}) }, canvases ? Object.values(canvases) : []);
      if (turn !== this.#turn) return;
      this.#options.onOpened();
      this.#isCatchingUp = steps > 0;
      if (steps > 0) await remote.step(steps).finally(() => (this.#isCatchingUp = false));
      await this.look();
      if (turn === this.#turn && this.isPlaying) await this.play();
    };
    this.#opening = this.#opening.then(open).catch((error: Error) => this.#fail(error, turn));
    return this.#opening;
  }

  #connect(): RemoteTrainer<Setup> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    return connectTrainer<Setup>(worker, {
      onState: (state) => {
        if (state.kind === "failed") this.isPlaying = false;
        this.#options.onState(state);
      },
      onMessage: (name, payload) => {
        if (name === "probe") this.#options.onProbe(payload as ProbeMessage);
      },
    });
  }

  /** Whatever comes next has a worker and canvases of its own. */
  #end(): void {
    this.#remote?.dispose();
    this.#remote = undefined;
  }

  #fail({ message: reason }: Error, turn = this.#turn): void {
    if (turn !== this.#turn) return;
    this.isPlaying = false;
    if (this.state.kind !== "failed") this.#options.onState({ kind: "failed", reason, hasSnapshot: false });
  }

  /** Trains until `pause`. */
  async play(): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = true;
    this.#options.onState(this.state);
    await this.#remote?.resume().catch((error: Error) => this.#fail(error, turn));
  }

  /** Settles once nothing runs any more. */
  async pause(): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = false;
    await this.#remote?.pause();
    if (turn === this.#turn) await this.look();
  }

  async step(): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = false;
    await this.#remote?.step(1).catch((error: Error) => this.#fail(error, turn));
    if (turn === this.#turn) await this.look();
  }

  /** Plays on at another pace. */
  async changePace(pace: number): Promise<void> {
    const remote = this.#remote;
    if (!remote || remote.state.kind === "opening" || remote.state.kind === "failed") return;
    const turn = ++this.#turn;
    await remote.pause();
    await remote.ask("pace", pace);
    if (turn === this.#turn && this.isPlaying) await this.play();
  }

  /** Paints and reads what is there now. */
  async look(): Promise<void> {
    const probe = await this.#remote?.ask<ProbeMessage>("look").catch(() => undefined); // whoever trains hears of it
    if (probe) this.#options.onProbe(probe);
  }

  /** Tells how the pictures are laid out. */
  async show(looks: Looks): Promise<void> {
    const { kind } = this.state;
    if (kind === "running" || kind === "paused") await this.#remote?.ask("looks", looks).catch(() => {});
  }

  /** The weights as a file; those last known where the device is gone. */
  async file(): Promise<Blob> {
    if (!this.#remote) throw new Error("no worker");
    return new Blob([packWeights(await this.#remote.snapshot()) as Uint8Array<ArrayBuffer>]);
  }
}
