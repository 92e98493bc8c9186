import type { Meta } from "../ui/demo.ts";

export const meta: Meta = {
  title: "Digits",
  summary: "A convolutional network learns to read handwriting in seconds. Draw a digit and see what it thinks.",
  order: 1,
};
