import type { Meta } from "../ui/demo.ts";

export const meta: Meta = {
  title: "Kernels",
  summary:
    "Change the nine numbers of a convolution and see what it makes of a picture, or let gradient descent find them.",
  order: 4,
};
