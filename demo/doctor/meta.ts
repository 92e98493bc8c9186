import type { Meta } from "../ui/demo.ts";

export const meta: Meta = {
  title: "Doctor",
  summary: "Checks on your very GPU that every operation and every gradient is right, and measures how fast it is.",
  order: 5,
};
