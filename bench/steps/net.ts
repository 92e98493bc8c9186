// A network as plain data, from which gpugrad's model is made here and a peer's in bench/peers.
import { relu, tanh } from "../../src/nn/activations.ts";
import { conv2d } from "../../src/nn/conv.ts";
import type { Layer } from "../../src/nn/layer.ts";
import { linear } from "../../src/nn/linear.ts";
import { maxPool2d } from "../../src/nn/pool.ts";
import { flatten, serial } from "../../src/nn/serial.ts";

/** One layer; convolutions have no padding, pools do not overlap. */
export type NetLayer =
  | { readonly kind: "linear"; readonly units: number }
  | { readonly kind: "conv"; readonly filters: number; readonly size: number }
  | { readonly kind: "maxPool"; readonly size: number }
  | { readonly kind: "relu" | "tanh" | "flatten" };

/** The layers and gpugrad's model of them. */
export interface Net {
  readonly layers: readonly NetLayer[];
  readonly model: () => Layer;
}

/** A net of layers one after another. */
export function net(...layers: readonly NetLayer[]): Net {
  return { layers, model: () => serial(...layers.map(layerOf)) };
}

function layerOf(layer: NetLayer): Layer {
  switch (layer.kind) {
    case "linear":
      return linear(layer.units);
    case "conv":
      return conv2d(layer.filters, layer.size);
    case "maxPool":
      return maxPool2d(layer.size);
    case "relu":
      return relu();
    case "tanh":
      return tanh();
    case "flatten":
      return flatten();
  }
}
