import type { Meta } from "./ui/demo.ts";

export const meta: Meta = {
  title: "gpugrad",
  summary: "Neural networks that learn in this page, on your own GPU, while you watch.",
  order: 0,
};
