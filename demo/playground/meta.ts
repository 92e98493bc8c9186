import type { Meta } from "../ui/demo.ts";

export const meta: Meta = {
  title: "Playground",
  summary:
    "Bend the plane: watch a small network part points, unit by unit. Draw your own, change anything, share the link.",
  order: 2,
};
