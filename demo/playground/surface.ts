// Where a picture is painted, and how it gets from there to its canvas.

export interface Surface {
  readonly format: GPUTextureFormat;
  /** What to paint on next. */
  view(): GPUTextureView;
  /** To be called once the picture's commands are in the encoder. */
  after(encoder: GPUCommandEncoder): void;
  /** Settles when what was submitted is done, and shown. */
  done(): Promise<unknown>;
}

/** Paints on the canvas itself. */
export function directSurface(device: GPUDevice, canvas: OffscreenCanvas): Surface {
  const format = navigator.gpu.getPreferredCanvasFormat();
  const context = canvas.getContext("webgpu") as GPUCanvasContext;
  context.configure({ device, format, alphaMode: "opaque" });
  return {
    format,
    view: () => context.getCurrentTexture().createView(),
    after: () => {},
    done: () => device.queue.onSubmittedWorkDone(),
  };
}

/**
 * Paints on a texture whose pixels are copied to the canvas. Browsers that put their pages together without a GPU cannot show a WebGPU
 * canvas at all; their software adapter computes in the host's memory anyway.
 */
export function copiedSurface(device: GPUDevice, canvas: OffscreenCanvas): Surface {
  const format = "rgba8unorm";
  const context = canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D;
  let made: { texture: GPUTexture; pixels: GPUBuffer; row: number; height: number } | undefined;
  let isWaiting = false;
  const fitting = () => {
    const row = Math.ceil(canvas.width / 64) * 64; // rows of copies begin at multiples of 256 bytes
    if (made?.row === row && made.height === canvas.height) return made;
    made?.texture.destroy();
    made?.pixels.destroy();
    const { height } = canvas;
    const usage = GPUTextureUsage.RENDER_ATTACHMENT | GPUTextureUsage.COPY_SRC;
    made = {
      ...{ row, height },
      texture: device.createTexture({ size: [canvas.width, height], format, usage }),
      pixels: device.createBuffer({ size: 4 * row * height, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
    };
    return made;
  };
  return {
    format,
    view: () => fitting().texture.createView(),
    after(encoder) {
      const { texture, pixels, row } = fitting();
      encoder.copyTextureToBuffer({ texture }, { buffer: pixels, bytesPerRow: 4 * row }, [
        texture.width,
        texture.height,
      ]);
      isWaiting = true;
    },
    async done() {
      if (!isWaiting || !made) return;
      isWaiting = false;
      const { pixels, row, height } = made;
      await pixels.mapAsync(GPUMapMode.READ);
      const image = new ImageData(new Uint8ClampedArray(pixels.getMappedRange().slice(0)), row, height);
      pixels.unmap();
      context.putImageData(image, 0, 0);
    },
  };
}
