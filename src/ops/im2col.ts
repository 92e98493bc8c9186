// Convolution's patches written out: the adjoint pair im2col ↔ col2im. With them a convolution is a plain matrix product,
// `matmul(im2col(x, { size }), w)` with w as [KH·KW·C, F]. The kernels of conv2d work the same addresses out where they load, which was
// faster on every adapter measured; these are for teaching, and for what has no kernel.
import { ShapeError } from "../core/error.ts";
import { showShape, sizeOf } from "../core/shape.ts";
import { defineOp, type OpFunction } from "../graph/define.ts";
import type { Node, Spec, Values } from "../graph/node.ts";
import { fill } from "./constant.ts";
import { checkImages } from "./convolution.ts";
import { allOf } from "./indexing.ts";
import { type WindowAxis, type WindowOptions, windowAxes } from "./window.ts";

interface PatchAttrs {
  readonly axes: readonly [WindowAxis, WindowAxis];
}

/** Where patches lie: elements of an image and of its patches, and the elements that both share. */
function layout([height, width]: PatchAttrs["axes"], channels: number) {
  const taps = height.size * width.size;
  const row = taps * channels;
  const each = (images: number, visit: (pixel: number, column: number) => void): void => {
    for (let patch = 0; patch < images * height.output * width.output; patch++) {
      const image = Math.floor(patch / (height.output * width.output));
      const [oh, ow] = [Math.floor(patch / width.output) % height.output, patch % width.output];
      for (let tap = 0; tap < taps; tap++) {
        const h = oh * height.stride + Math.floor(tap / width.size) * height.dilation - height.before;
        const w = ow * width.stride + (tap % width.size) * width.dilation - width.before;
        if (h < 0 || h >= height.input || w < 0 || w >= width.input) continue;
        visit(((image * height.input + h) * width.input + w) * channels, patch * row + tap * channels);
      }
    }
  };
  return { taps, row, each };
}

const im2colOp: OpFunction<PatchAttrs> = defineOp<PatchAttrs>({
  name: "im2col",
  inputs: ["x"],
  infer: ([x], { axes: [height, width] }) => {
    const { shape, dtype } = x as Spec;
    const row = height.size * width.size * (shape[3] as number);
    return { shape: [shape[0] as number, height.output, width.output, row], dtype };
  },
  reference: ([x], { inputs: [from], outputs: [to], attrs: { axes } }) => {
    const [images, , , channels] = (from as Spec).shape as readonly [number, number, number, number];
    const y = new Float64Array(sizeOf((to as Spec).shape));
    layout(axes, channels).each(images, (pixel, column) => {
      y.set((x as Values).subarray(pixel, pixel + channels), column);
    });
    return y;
  },
  grad: ({ dy, attrs }) => [col2imOp([dy], attrs)],
  pointwise: {
    aligned: false,
    cost: 12,
    rereads: ([x], y) => sizeOf(y.shape) / sizeOf((x as Spec).shape),
    expression: ({ index, load, local, inputs: [x], attrs: { axes } }) => {
      const channels = (x as Spec).shape[3] as number;
      const [height, width] = axes;
      const { row } = layout(axes, channels);
      const patch = local("u32", `${index} / ${row}u`);
      const inner = local("u32", `${index} % ${row}u`);
      const tap = local("u32", `${inner} / ${channels}u`);
      const image = `(${patch} / ${height.output * width.output}u)`;
      const along = (axis: WindowAxis, window: string, k: string) =>
        local("u32", `${window} * ${axis.stride}u + ${k} * ${axis.dilation}u - ${axis.before}u`); // below 0 wraps round
      const h = along(height, `(${patch} / ${width.output}u % ${height.output}u)`, `(${tap} / ${width.size}u)`);
      const w = along(width, `(${patch} % ${width.output}u)`, `(${tap} % ${width.size}u)`);
      const inside = local("bool", allOf([`${h} < ${height.input}u`, `${w} < ${width.input}u`]));
      const at = `((${image} * ${height.input}u + ${h}) * ${width.input}u + ${w}) * ${channels}u + ${inner} % ${channels}u`;
      return `select(0.0f, ${load(0, `select(0u, ${at}, ${inside})`)}, ${inside})`;
    },
  },
});

const col2imOp: OpFunction<PatchAttrs> = defineOp<PatchAttrs>({
  name: "col2im",
  inputs: ["columns"],
  infer: ([columns], { axes: [height, width] }) => {
    const { shape, dtype } = columns as Spec;
    const channels = (shape[3] as number) / (height.size * width.size);
    return { shape: [shape[0] as number, height.input, width.input, channels], dtype };
  },
  reference: ([columns], { outputs: [to], attrs: { axes } }) => {
    const [images, , , channels] = (to as Spec).shape as readonly [number, number, number, number];
    const y = new Float64Array(sizeOf((to as Spec).shape));
    layout(axes, channels).each(images, (pixel, column) => {
      for (let c = 0; c < channels; c++)
        y[pixel + c] = (y[pixel + c] as number) + ((columns as Values)[column + c] as number);
    });
    return y;
  },
  grad: ({ dy, attrs }) => [im2colOp([dy], attrs)],
  pointwise: {
    aligned: false,
    cost: 40,
    expression: ({ index, load, local, accumulate, output: { shape }, attrs: { axes } }) => {
      const channels = shape[3] as number;
      const [height, width] = axes;
      const { taps, row } = layout(axes, channels);
      const channel = local("u32", `${index} % ${channels}u`);
      const pixel = local("u32", `${index} / ${channels}u`);
      const image = local("u32", `${pixel} / ${height.input * width.input}u`);
      const place = (axis: WindowAxis, at: string) => local("u32", `${at} + ${axis.before}u`);
      const h = place(height, `(${pixel} / ${width.input}u % ${height.input}u)`);
      const w = place(width, `(${pixel} % ${width.input}u)`);
      return accumulate("f32", "0.0f", taps, (tap) => {
        const from = (axis: WindowAxis, at: string, k: string) => local("u32", `${at} - ${k} * ${axis.dilation}u`); // below 0 wraps round
        const starts = [
          from(height, h, `(${tap} / ${width.size}u)`),
          from(width, w, `(${tap} % ${width.size}u)`),
        ] as const;
        const hits = axes.flatMap((axis, k) => {
          const start = starts[k as 0 | 1];
          return [`${start} < ${axis.output * axis.stride}u`, `${start} % ${axis.stride}u == 0u`];
        });
        const hit = local("bool", allOf(hits));
        const patch = `((${image} * ${height.output}u + ${starts[0]} / ${height.stride}u) * ${width.output}u + ${starts[1]} / ${width.stride}u)`;
        const at = `${patch} * ${row}u + ${tap} * ${channels}u + ${channel}`;
        return `select(0.0f, ${load(0, `select(0u, ${at}, ${hit})`)}, ${hit})`;
      });
    },
  },
  tolerance: { relative: 1e-5, absolute: 1e-6 },
});

/** How patches are cut out of images: their size, and the distances and the padding that convolutions have too. */
export type PatchOptions = Omit<WindowOptions, "name" | "ceilMode">;

/**
 * The patches that a filter meets, one a row: images [N, H, W, C] → [N, OH, OW, KH·KW·C], taps in rows, channels fastest.
 * @throws ShapeError unless x holds images at least as large as a patch; OptionError for impossible options
 * @example
 * matmul(im2col(x, { size: 3 }), reshape(w, [-1, filters])); // the same as conv2d(x, w)
 */
export function im2col(x: Node, options: PatchOptions): Node {
  checkImages("im2col", "the image", x, 4, "[N, H, W, C]");
  const axes = patchAxes("im2col", x.shape.slice(1, 3), options);
  const y = {
    shape: [
      x.shape[0] as number,
      ...axes.map(({ output }) => output),
      axes[0].size * axes[1].size * (x.shape[3] as number),
    ],
  };
  return sizeOf(y.shape) === 0 ? fill(y.shape, 0) : im2colOp([x], { axes });
}

/**
 * Adds patches back where they came from, the adjoint of `im2col`: [N, OH, OW, KH·KW·C] → images [N, H, W, C] of `image` = [H, W] pixels.
 * @throws ShapeError when the patches are not those of such images
 * @example
 * col2im(columns, { image: [28, 28], size: 5 });
 */
export function col2im(columns: Node, options: PatchOptions & { readonly image: readonly [number, number] }): Node {
  const { image, ...rest } = options;
  checkImages("col2im", "the patches", columns, 4, "[N, OH, OW, KH · KW · C]");
  const axes = patchAxes("col2im", image, rest);
  const [images, OH, OW, row] = columns.shape as readonly [number, number, number, number];
  const taps = axes[0].size * axes[1].size;
  if (OH !== axes[0].output || OW !== axes[1].output || row % taps !== 0) {
    throw new ShapeError(
      `col2im: images of ${image.join("×")} have [N, ${axes[0].output}, ${axes[1].output}, ${taps} · C] patches: got ${showShape(columns.shape)}`,
    );
  }
  const shape = [images, ...image, row / taps];
  return sizeOf(columns.shape) === 0 ? fill(shape, 0) : col2imOp([columns], { axes });
}

function patchAxes(call: string, image: readonly number[], options: PatchOptions): PatchAttrs["axes"] {
  return windowAxes(call, image, { ...options, name: "patch" }) as unknown as PatchAttrs["axes"];
}

export const im2colOps = { im2col: im2colOp, col2im: col2imOp };
