// What the network makes of one digit: its chances, the first layer's filters, and what they find.
import { type Compiled, mul, type Node, reshape, softmax, type Trainer } from "gpugrad";
import { PIXEL } from "./models.ts";
import { type Look, type Pictures, type RunInfo, SIDE } from "./setup.ts";

/** Units of a dense layer whose weights are shown. */
const SHOWN_UNITS = 16;

/** The program that shows one digit to the network and looks at what it makes of it. */
export async function looker(trainer: Trainer, name: RunInfo["model"]): Promise<(pixels: Uint8Array) => Promise<Look>> {
  const isConvolutional = name === "cnn";
  const program: Compiled<{ chances: Node; filters: Node; maps: Node }> = await trainer.compile(
    (model, x: Node) => {
      const outputs: Node[] = [];
      const scores = model.apply(x, { note: (_, y) => outputs.push(y) });
      const maps = outputs[isConvolutional ? 1 : 2] as Node; // of the first rectified layer
      const layer = model.parameters[isConvolutional ? "0" : "1"] as { readonly weight: Node };
      return { chances: softmax(scores), filters: mul(layer.weight, 1), maps: reshape(maps, maps.shape.slice(1)) };
    },
    [[1, SIDE, SIDE, 1]],
  );
  return async (pixels) => {
    const seen = Float32Array.from(pixels, (byte) => byte * PIXEL.scale + PIXEL.offset);
    const result = program.run(seen);
    const [chances, filters, maps] = await Promise.all([
      result.chances.read(),
      result.filters.read(),
      result.maps.read(),
    ]);
    return {
      chances: Array.from(chances),
      // [5, 5, 1, 8], or [784, units]: the units run fastest in both
      filters: isConvolutional
        ? unmixed(filters, 5, 5, 8, 8)
        : unmixed(filters, SIDE, SIDE, result.maps.size, SHOWN_UNITS),
      maps: isConvolutional ? unmixed(maps, 24, 24, 8, 8) : { count: 1, ...rows(maps) },
    };
  };
}

/** Pictures whose pixels lie beside each other, one after the other; the first `shown` of them. */
function unmixed(values: ArrayLike<number>, width: number, height: number, count: number, shown: number): Pictures {
  const size = width * height;
  const apart = Float32Array.from(
    { length: shown * size },
    (_, i) => values[(i % size) * count + Math.floor(i / size)] as number,
  );
  return { count: shown, width, height, values: apart };
}

/** Hidden units in rows of 16. */
const rows = (values: ArrayLike<number>) => ({
  width: 16,
  height: values.length / 16,
  values: Float32Array.from(values),
});
