// The words of this page.
import { count, number } from "../ui/format.ts";
import type { ClassicName } from "./classic.ts";

export const text = {
  picture: {
    title: "A picture, before and after",
    before: "Before",
    after: "After",
    beforeLabel: "The picture before the kernel",
    afterLabel: "The picture after the kernel",
    sample: "Back to the sample",
    drop: "Choose a picture or drop one here. It stays on your machine.",
    show: "Show the result",
    views: { colors: "As colours", signs: "Below and above 0" },
    range: (least: number, most: number) => `From ${number(least)} to ${number(most)}.`,
    took: (milliseconds: number) => `${number(milliseconds, 2)} ms`,
    waiting: "The device is being opened …",
  },
  kernel: {
    title: "Nine numbers",
    note: "Each pixel becomes the sum of its nine neighbours, each times its number.",
    cell: (row: number, column: number) => `Row ${row}, column ${column}`,
    editor: "The kernel",
    sum: (sum: number) => {
      const what =
        Math.abs(sum - 1) < 0.02 ? "even areas stay as they are" : Math.abs(sum) < 0.02 ? "even areas become 0" : "";
      return `They add up to ${number(sum)}${what && `: ${what}`}.`;
    },
    wrong: (given: string) => `Not a number between −1,000 and 1,000: “${given}”.`,
    classics: "Nine classics",
    names: {
      identity: "Identity",
      sharpen: "Sharpen",
      blur: "Blur",
      emboss: "Emboss",
      sobelX: "Sobel X",
      sobelY: "Sobel Y",
      verticalEdge: "Vertical edge",
      horizontalEdge: "Horizontal edge",
      surround: "Surround",
    } satisfies Record<ClassicName, string>,
  },
  learn: {
    title: "Learn a kernel",
    note: "A network of one layer with nine weights sees pieces of the picture before and after, and finds by gradient descent which kernel was between them.",
    target: "What was done to the picture",
    targets: { kernel: "The kernel above", file: "Another picture" },
    drop: "Choose the picture after the kernel. It must be as large as the one before.",
    needsFile: "Choose the picture after the kernel first.",
    start: "Learn",
    stop: "Stop",
    use: "Put it above",
    idle: "Nothing has been learnt yet.",
    starting: "The step is being compiled …",
    running: (step: number, loss: number) => `Step ${count(step)}, loss ${number(loss)}.`,
    found: (step: number, off: number | undefined) =>
      `Found after ${count(step)} steps${off === undefined ? "" : `; no number is further off than ${number(off, 2)}`}.`,
    stopped: (step: number) => `Stopped after ${count(step)} steps.`,
    gaveUp: (step: number) =>
      `No kernel of nine numbers does exactly this: these, after ${count(step)} steps, come closest.`,
    learnt: "Learnt",
    chart: "Mean squared error over steps",
    loss: "loss",
    waiting: "The loss appears here as it falls.",
  },
  wrong: {
    none: (name: string) => `“${name}” is not a picture that this browser can read.`,
    large: (name: string, megabytes: number) => `“${name}” has ${count(megabytes)} MB: pictures may have up to 40.`,
    small: (name: string, width: number, height: number, least: number) =>
      `“${name}” is ${width} × ${height} pixels where it is shown: it takes at least ${least} × ${least}.`,
    differs: (width: number, height: number, otherWidth: number, otherHeight: number) =>
      `This picture is ${width} × ${height}, the one before is ${otherWidth} × ${otherHeight}: they must be equally large.`,
    failed: (reason: string) => `The device could not do this: ${reason}`,
    ended: "its worker ended. Change the kernel, and another one begins.",
  },
} as const;
