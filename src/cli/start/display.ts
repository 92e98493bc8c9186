// How a run is shown: a progress bar on a terminal, plain lines elsewhere, nothing when asked to be quiet. All of it on stderr.
import { SingleBar } from "cli-progress";
import type { Report } from "../../train/report.ts";

export interface Display {
  /** A line that stays. */
  readonly say: (line: string) => void;
  /** What is being prepared; the next call of anything replaces it. */
  readonly wait: (what: string) => void;
  readonly report: (report: Report) => void;
  /** The line that is left of an epoch. */
  readonly epoch: (report: Report, testAccuracy: number) => void;
  readonly close: () => void;
}

/** ms between two plain lines of progress. */
const LINE_EVERY = 2000;

const SILENT: Display = { say() {}, wait() {}, report() {}, epoch() {}, close() {} };

/** Chooses by where stderr goes. */
export function openDisplay(quiet: boolean): Display {
  if (quiet) return SILENT;
  return process.stderr.isTTY ? terminalDisplay() : lineDisplay();
}

function lineDisplay(): Display {
  let last = performance.now();
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  return {
    ...SILENT,
    say,
    report(report) {
      const now = performance.now();
      if (report.isEpochEnd || now - last < LINE_EVERY) return;
      last = now;
      say(`epoch ${report.epoch}/${report.epochs}  step ${report.step}/${report.steps}  ${progress(report)}`);
    },
    epoch(report, testAccuracy) {
      last = performance.now();
      say(epochLine(report, testAccuracy));
    },
  };
}

function terminalDisplay(): Display {
  let bar: SingleBar | undefined;
  let isWaiting = false;
  const clear = () => {
    bar?.stop();
    bar = undefined;
    if (isWaiting) process.stderr.write("\r\x1b[K");
    isWaiting = false;
  };
  const say = (line: string) => {
    clear();
    process.stderr.write(`${line}\n`);
  };
  return {
    say,
    wait(what) {
      clear();
      process.stderr.write(`\r\x1b[2m${what} …\x1b[22m`);
      isWaiting = true;
    },
    report(report) {
      if (!bar) {
        clear();
        bar = new SingleBar({
          format: "epoch {epoch} {bar} {text}",
          barsize: 16,
          barCompleteChar: "█",
          barIncompleteChar: "░",
          hideCursor: true,
          clearOnComplete: true,
          gracefulExit: false,
          stream: process.stderr,
        });
        bar.start(report.steps, 0, { epoch: "", text: "" });
      }
      bar.update(report.step, { epoch: `${report.epoch}/${report.epochs}`, text: progress(report) });
    },
    epoch(report, testAccuracy) {
      say(epochLine(report, testAccuracy));
    },
    close: clear,
  };
}

function progress({ loss, metrics, stepsPerSecond, secondsLeft }: Report): string {
  const rate = `${count(stepsPerSecond)} steps/s`;
  return `loss ${loss.toFixed(4)}  accuracy ${percent(metrics.accuracy)}  ${rate}  ${time(secondsLeft)} left`;
}

function epochLine({ epoch, epochs, loss, metrics, stepsPerSecond }: Report, testAccuracy: number): string {
  const learnt = `loss ${loss.toFixed(4)}  accuracy ${percent(metrics.accuracy)}`;
  return `epoch ${epoch}/${epochs}  ${learnt}  test ${percent(testAccuracy)}  ${count(stepsPerSecond)} steps/s`;
}

/** 0.9712 → "97.12 %" */
export function percent(share = 0): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** 101770 → "101,770" */
export function count(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : `${Number(value.toPrecision(2))}`;
}

/** 75.2 → "1 min 15 s" */
export function time(seconds: number): string {
  if (!Number.isFinite(seconds)) return "? s";
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
