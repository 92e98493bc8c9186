// The words of this page.
import { count, number, percent } from "../ui/format.ts";
import type { ModelName, RunInfo } from "./setup.ts";

export const text = {
  training: {
    title: "Training",
    loading: "Loading the first digits and the device …",
    compiling: (done: number, total: number) => `Compiling the training step: ${done} of ${total} kernels …`,
    running: (shape: string, digits: number) => `Learning from ${count(digits)} digits: ${shape}.`,
    small: (shape: string, digits: number) =>
      `Learning from ${count(digits)} digits on the CPU, with a small network: ${shape}.`,
    paused: (steps: number) => `Paused after ${count(steps)} steps.`,
    recovering: (reason: string) => `The GPU went away and is being opened again: ${reason}`,
    failed: (reason: string) => `Training stopped: ${reason}`,
    stopped: (steps: number) =>
      `Stopped after ${count(steps)} steps: what was learnt stays to be tried. Start over for another run.`,
    noData: "Training has not begun.",
    start: "Resume",
    pause: "Pause",
    step: "One step",
    stop: "Stop",
    reset: "Start over",
    again: "Try again",
    weights: "Save the weights",
    weightsFile: (model: string, steps: number) => `digits-${model}-${steps}.safetensors`,
    weightsFailed: "The weights could not be saved",
    data: "Training digits here",
    dataWords: (digits: number, of: number, megabytes: number) =>
      `${count(digits)} of ${count(of)} · ${number(megabytes, 3)} MB`,
    restFailed: "Not all digits could be loaded",
    dataFailed: (digits: number, reason: string) =>
      `Training goes on with the ${count(digits)} that are here. The next did not come: ${reason}.`,
    model: "Network",
    models: { cnn: "Convolutional", mlp: "Dense" } satisfies Record<ModelName, string>,
    smallOnly: "On the CPU there is one network: a small dense one.",
    rate: "Learning rate",
    rateHint: "How far each step goes. Too small learns slowly, too large not at all. What was learnt is kept.",
    batch: "Digits a step",
    stats: {
      loss: "Loss",
      accuracy: "Accuracy",
      tested: "On unseen digits",
      epoch: "Epoch",
      steps: "Steps",
      rate: "Steps/s",
    },
    loss: { title: "Loss over steps", raw: "each step", smooth: "smoothed" },
    accuracy: { title: "Accuracy over steps", train: "training", test: "unseen digits" },
    waiting: "The curve begins with the first step.",
  },
  draw: {
    title: "Draw a digit",
    note: "With mouse, finger or pen; or with arrow keys and space. It is centred and scaled as the digits of the training set are.",
    canvas:
      "A field to draw a digit on. Arrow keys move the pen, space sets it down and lifts it, Backspace takes back a stroke, Delete clears.",
    clear: "Clear",
    sample: "Take a test digit",
    seen: "What the network sees",
    chances: "How sure it is",
    empty: "Draw something.",
    reads: (digit: number, chance: number) => `It reads a ${digit}, with ${percent(chance, 0)}.`,
    heard: (digit: number) => `It reads a ${digit}.`,
    truth: (digit: number) => ` It is a ${digit}.`,
  },
  mistakes: {
    title: "What it mistakes",
    note: "Digits that it was never trained on: each row is a digit, each column what the network read. Choose a number to see those digits; arrow keys lead from one to the next.",
    caption: "Digits and what the network read them as",
    digit: "Digit",
    cell: (times: number, label: number, answer: number) =>
      `${label} read as ${answer}: ${count(times)} ${times === 1 ? "time" : "times"}`,
    some: (label: number, answer: number, shown: number, of: number) =>
      shown < of
        ? `${count(shown)} of ${count(of)} digits ${label} that were read as ${answer}.`
        : shown === 1
          ? `A ${label} that was read as ${answer}.`
          : `${count(shown)} digits ${label} that were read as ${answer}.`,
    all: (shown: number, of: number) =>
      shown < of ? `${count(shown)} of ${count(of)} mistakes.` : `${count(of)} ${of === 1 ? "mistake" : "mistakes"}.`,
    none: "No mistakes among these digits.",
    waiting: "After the first steps the network is tested on digits that it has not seen.",
    choose: (label: number, answer: number) => `${label} as ${answer}: put it on the field`,
    short: (label: number, answer: number) => `${label} as ${answer}`,
    allButton: "All mistakes",
  },
  inside: {
    title: "Inside the network",
    filters: {
      cnn: "Eight filters of the first layer, 5 × 5",
      mlp: "What 16 units of the first layer look for",
      small: "What 16 units of the first layer look for",
    } satisfies Record<RunInfo["model"], string>,
    maps: {
      cnn: "What each finds in the digit drawn",
      mlp: "How strongly all 128 answer the digit drawn",
      small: "How strongly all 32 answer the digit drawn",
    } satisfies Record<RunInfo["model"], string>,
    waiting: "The filters appear once the network is there.",
    legend: { below: "below 0", above: "above 0" },
  },
  failure: {
    title: "The digits could not be loaded",
    note: (reason: string) => `${reason.replace("digits: ", "")}. Look at your connection, then try again.`,
  },
} as const;
