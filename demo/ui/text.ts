// The words that all pages share. What only one page says is in the `text.ts` beside it.
import { count } from "./format.ts";

export const text = {
  all: "All demos",
  skip: "Skip to the page's content",
  foot: "Everything on these pages is computed on your machine. Nothing that you draw, drop or type leaves it.",
  more: (about: string) => `More about ${about}`,
  error: "Something went wrong",
  choose: "Choose a file",
  manyFiles: (files: number) => `These are ${count(files)} files: one at a time is read.`,
  noFile: "What was dropped is no file.",
  list: new Intl.ListFormat("en", { type: "conjunction" }),

  adapter: {
    looking: "Looking for a GPU …",
    hardware: (name: string) => `Runs on your GPU: ${name}.`,
    software: (name: string) => `No GPU was found: it runs on software (${name}), correct but slower.`,
    "no-webgpu": "This browser has no WebGPU, so this runs on the CPU, with a smaller set.",
    insecure: "Browsers offer WebGPU only to pages that come over https, so this runs on the CPU, with a smaller set.",
    "no-adapter": "WebGPU found no adapter here, so this runs on the CPU, with a smaller set.",
    blocked: (why: string) => `The GPU could not be opened (${why}), so this runs on the CPU, with a smaller set.`,
    unnamed: "an adapter without a name",
    tryTitle: "What you can try",
    advice: {
      hardware: [],
      software: [
        "Switch on hardware acceleration in the browser's settings.",
        "On Linux: start Chrome with --enable-features=Vulkan.",
      ],
      "no-webgpu": [
        "A current Chrome or Edge, Safari 26, or Firefox 141 on Windows.",
        "On Linux: Chrome with --enable-unsafe-webgpu, or Firefox Nightly.",
      ],
      insecure: ["Open this page through https, or from localhost."],
      "no-adapter": [
        "Switch on hardware acceleration in the browser's settings and restart it.",
        "Look at chrome://gpu: it says whether the GPU or its driver is blocked.",
        "Update the graphics driver.",
      ],
      blocked: [
        "Close other pages that use the GPU, then reload this one.",
        "Restart the browser; update the graphics driver.",
      ],
    },
  },
} as const;
