// The float64 references' walk: every meeting of a filter's tap with a pixel, and where the three tensors have it.
import type { Spec } from "../graph/node.ts";
import type { Geometry } from "./convolution.ts";

/** First elements: x[image, pixel, channel], y[image, pixel, first filter of the group], w[tap, channel, the same]. The object is reused. */
interface Meeting {
  x: number;
  y: number;
  w: number;
}

/** The sizes of a convolution between images `x` [N, H, W, C] and results `y` [N, OH, OW, F], and its meetings. */
export function meetings(geometry: Geometry, x: Spec, y: Spec) {
  const { input, output, filter, stride, dilation, before, groups } = geometry;
  const [images, , , channels] = x.shape as readonly [number, number, number, number];
  const filters = y.shape[3] as number;
  const sizes = {
    images,
    channels,
    filters,
    channelsPerGroup: channels / groups,
    filtersPerGroup: filters / groups,
    inputPixels: input[0] * input[1],
    outputPixels: output[0] * output[1],
  };
  const { channelsPerGroup, filtersPerGroup, inputPixels, outputPixels } = sizes;
  const at: Meeting = { x: 0, y: 0, w: 0 };

  /** All channels of the meeting of one tap with one pixel, in every image. */
  const visitPixel = (outputPixel: number, inputPixel: number, tap: number, visit: (at: Meeting) => void): void => {
    for (let image = 0; image < images; image++) {
      for (let channel = 0; channel < channels; channel++) {
        const group = Math.floor(channel / channelsPerGroup);
        at.x = (image * inputPixels + inputPixel) * channels + channel;
        at.y = (image * outputPixels + outputPixel) * filters + group * filtersPerGroup;
        at.w = (tap * channelsPerGroup + (channel % channelsPerGroup)) * filters + group * filtersPerGroup;
        visit(at);
      }
    }
  };
  const each = (visit: (at: Meeting) => void): void => {
    for (let oh = 0; oh < output[0]; oh++)
      for (let ow = 0; ow < output[1]; ow++)
        for (let th = 0; th < filter[0]; th++)
          for (let tw = 0; tw < filter[1]; tw++) {
            const h = oh * stride[0] + th * dilation[0] - before[0];
            const w = ow * stride[1] + tw * dilation[1] - before[1];
            if (h < 0 || h >= input[0] || w < 0 || w >= input[1]) continue;
            visitPixel(oh * output[1] + ow, h * input[1] + w, th * filter[1] + tw, visit);
          }
  };
  return { sizes, each };
}
