// The worker of the paths: keeps one surface compiled, and walks down it whenever start or rates change.
import { type Device, openDevice } from "gpugrad";
import { type Landscape, openLandscape } from "./landscape.ts";
import type { PathsAnswer, PathsOrder } from "./messages.ts";
import type { SurfaceName } from "./surfaces.ts";

/** Answers orders one after the other; of those that wait only the newest is kept. */
export function servePaths(port: DedicatedWorkerGlobalScope): void {
  let device: Device | undefined;
  let open: { readonly surface: SurfaceName; readonly landscape: Landscape } | undefined;
  let next: PathsOrder | undefined;
  let isBusy = false;
  const tell = (answer: PathsAnswer) => port.postMessage(answer);

  const landscapeOf = async (surface: SurfaceName): Promise<Landscape> => {
    if (!device || device.isClosed || device.failure) {
      open = undefined;
      device = await openDevice({ device: "auto" });
    }
    if (open?.surface === surface) return open.landscape;
    open?.landscape.release();
    open = undefined;
    const landscape = await openLandscape(device, surface);
    open = { surface, landscape };
    tell({ kind: "picture", surface, heights: await landscape.picture() });
    return landscape;
  };
  const walk = async () => {
    isBusy = true;
    for (let order = next; order; order = next) {
      next = undefined;
      try {
        const landscape = await landscapeOf(order.surface);
        const paths = await landscape.paths(order);
        tell({ kind: "paths", order, paths });
      } catch (error) {
        tell({ kind: "failed", reason: (error as Error).message });
      }
    }
    isBusy = false;
  };
  port.addEventListener("message", (event) => {
    next = (event as MessageEvent<PathsOrder>).data;
    if (!isBusy) void walk();
  });
}
