// The networks: those of `npm start`, and a small one for the CPU reference.
import { nn } from "gpugrad";
import type { RunInfo } from "./setup.ts";

type Network = { readonly model: () => ReturnType<typeof nn.serial>; readonly shape: string };

export const NETWORKS: Readonly<Record<RunInfo["model"], Network>> = {
  cnn: {
    shape: "8 filters 5×5, pool, 16 filters 5×5, pool, 128, 10",
    model: () =>
      nn.serial(
        ...[nn.conv2d(8, 5), nn.relu(), nn.maxPool2d(2)],
        ...[nn.conv2d(16, 5), nn.relu(), nn.maxPool2d(2)],
        ...[nn.flatten(), nn.linear(128), nn.relu(), nn.linear(10)],
      ),
  },
  mlp: { shape: "784, 128, 10", model: () => nn.serial(nn.flatten(), nn.linear(128), nn.relu(), nn.linear(10)) },
  small: { shape: "784, 32, 10", model: () => nn.serial(nn.flatten(), nn.linear(32), nn.relu(), nn.linear(10)) },
};

/** What the pixels of the training set are on average, of 0 … 1, and how far they lie from that. */
const MEAN = 0.1307;
const DEVIATION = 0.3081;

/** Bytes as the networks see them: mean 0, deviation 1. */
export const PIXEL = { scale: 1 / 255 / DEVIATION, offset: -MEAN / DEVIATION } as const;
