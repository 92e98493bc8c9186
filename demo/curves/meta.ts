import type { Meta } from "../ui/demo.ts";

export const meta: Meta = {
  title: "Curves",
  summary:
    "Fit a curve with a small network, beside a polynomial, and race six optimisers down the same slope, live on your GPU.",
  order: 3,
};
