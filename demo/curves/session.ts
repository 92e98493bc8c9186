// One fit after another in a worker: opened from settings and points, played, paused, opened anew.
import { connectTrainer, type RemoteState, type RemoteTrainer } from "gpugrad";
import type { FitDrawn, FitSetup } from "./messages.ts";
import { startWorker } from "./startWorker.ts";

export class Session {
  readonly #onState: (state: RemoteState) => void;
  readonly #onDrawn: (drawn: FitDrawn) => void;
  #remote: RemoteTrainer<FitSetup> | undefined;
  /** Counts what is asked for: whatever was overtaken stops by itself. */
  #turn = 0;
  #opening: Promise<void> = Promise.resolve();
  /** True while steps follow each other, or will when the run is open. */
  isPlaying = false;

  constructor(onState: (state: RemoteState) => void, onDrawn: (drawn: FitDrawn) => void) {
    this.#onState = onState;
    this.#onDrawn = onDrawn;
  }

  get state(): RemoteState {
    return this.#remote?.state ?? { kind: "closed" };
  }

  /** Opens a run in place of the one before, then plays or stands still. */
  open(setup: FitSetup, plays: boolean): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = plays;
    const open = async () => {
      if (turn !== this.#turn) return;
      if (this.state.kind === "failed") {
        this.#remote?.dispose();
        this.#remote = undefined;
      }
      this.#remote ??= this.#connect();
      await this.#remote.open(setup);
      await this.#draw(turn);
      if (turn === this.#turn && this.isPlaying) await this.play();
    };
    this.#opening = this.#opening.then(open).catch((error: Error) => this.#fail(error, turn));
    return this.#opening;
  }

  #connect(): RemoteTrainer<FitSetup> {
    return connectTrainer<FitSetup>(startWorker("fit"), {
      onState: (state) => {
        if (state.kind === "failed") this.isPlaying = false;
        this.#onState(state);
      },
      onMessage: (name, payload) => {
        if (name === "drawn") this.#onDrawn(payload as FitDrawn);
      },
    });
  }

  #fail({ message: reason }: Error, turn: number): void {
    if (turn !== this.#turn) return;
    this.isPlaying = false;
    if (this.state.kind !== "failed") this.#onState({ kind: "failed", reason, hasSnapshot: false });
  }

  async play(): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = true;
    this.#onState(this.state);
    await this.#remote?.resume().catch((error: Error) => this.#fail(error, turn));
  }

  async pause(): Promise<void> {
    const turn = ++this.#turn;
    this.isPlaying = false;
    await this.#remote?.pause();
    await this.#draw(turn);
  }

  /** Plays on at another pace. */
  async changePace(pace: number): Promise<void> {
    const { kind } = this.state;
    if (!this.#remote || (kind !== "running" && kind !== "paused")) return;
    const turn = ++this.#turn;
    await this.#remote.pause();
    await this.#remote.ask("pace", pace);
    if (turn === this.#turn && this.isPlaying) await this.play();
  }

  async #draw(turn: number): Promise<void> {
    const drawn = await this.#remote?.ask<FitDrawn>("draw").catch(() => undefined); // whoever trains hears of it
    if (drawn && turn === this.#turn) this.#onDrawn(drawn);
  }
}
