// What the worker of a page asks of WebGPU: counted inside it, from outside, by a few lines put in front of its script.
import type { Page } from "playwright";

/** Since the worker began; what is alive is counted after a collection where the browser was started with `COLLECTABLE`. */
export interface WorkerCounts {
  /** Buffers and textures that are alive, and the bytes of the buffers. */
  readonly buffers: number;
  readonly bytes: number;
  readonly textures: number;
  /** Calls by name: `createBuffer`, `createBindGroup`, `submit`, `mapAsync` … */
  readonly calls: Readonly<Record<string, number>>;
}

/** Lets a page and its workers collect what nobody uses any more. */
export const COLLECTABLE = "--js-flags=--expose-gc";

const CHANNEL = "gpugrad-spy";

/** To be called before the page opens. The worker also says when steps are done for the first time after it was said to run: "trained". */
export async function spyInWorkers(page: Page): Promise<void> {
  await page.addInitScript(listen, CHANNEL);
  await page.route("**/assets/worker-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${spy})("${CHANNEL}");\n${await response.text()}` });
  });
}

/** Asks the page's worker. */
export function countsIn(page: Page): Promise<WorkerCounts> {
  return page.evaluate((name) => {
    const channel = new BroadcastChannel(name);
    return new Promise<WorkerCounts>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("the worker does not answer")), 20_000);
      channel.onmessage = ({ data }) => {
        if (!data.counts) return;
        clearTimeout(late);
        channel.close();
        resolve(data.counts);
      };
      channel.postMessage({ ask: true });
    });
  }, CHANNEL);
}

/** In the page: what workers say by themselves is heard as if they had told it. */
function listen(name: string): void {
  new BroadcastChannel(name).addEventListener("message", ({ data }) => {
    const { spy } = globalThis as unknown as { spy?: { heard: object[] } };
    if (data.what) spy?.heard.push(data);
  });
}

/** In the worker. */
function spy(name: string): void {
  const calls: Record<string, number> = {};
  const alive = new Map<number, { what: string; size: number; it: WeakRef<object>; owner: GPUDevice }>();
  const ids = new WeakMap<object, number>();
  let last = 0;
  let isFresh = false;
  const channel = new BroadcastChannel(name);

  /** Calls `after` with what a method of a class gave. */
  const watch = (of: object, method: string, after: (result: unknown, self: object) => void = () => {}) => {
    const plain = Reflect.get(of, method) as (...args: unknown[]) => unknown;
    Reflect.set(of, method, function (this: object, ...args: unknown[]) {
      calls[method] = (calls[method] ?? 0) + 1;
      const result = plain.apply(this, args);
      after(result, this);
      return result;
    });
  };
  const born = (what: string) => (made: unknown, owner: object) => {
    const it = made as GPUBuffer;
    ids.set(it, ++last);
    alive.set(last, { what, size: it.size ?? 0, it: new WeakRef(it), owner: owner as GPUDevice });
  };
  const died = (_: unknown, it: object) => void alive.delete(ids.get(it) as number);
  const orphaned = (owner: object) => {
    for (const [id, one] of alive) if (one.owner === owner) alive.delete(id);
  };
  if (globalThis.GPUDevice) {
    const device = GPUDevice.prototype;
    for (const method of Object.getOwnPropertyNames(device)) {
      if (!/^create/.test(method)) continue;
      watch(device, method, method === "createBuffer" || method === "createTexture" ? born(method) : undefined);
    }
    watch(device, "destroy", (_, owner) => orphaned(owner));
    watch(GPUAdapter.prototype, "requestDevice", (promise) => {
      (promise as Promise<GPUDevice>).then(
        (made) => made.lost.then(() => orphaned(made)),
        () => {},
      );
    });
    watch(GPUBuffer.prototype, "destroy", died);
    watch(GPUTexture.prototype, "destroy", died);
    watch(GPUQueue.prototype, "submit");
    watch(GPUBuffer.prototype, "mapAsync", (promise) => {
      if (!isFresh) return;
      const say = () => {
        if (isFresh) channel.postMessage({ what: "trained", at: performance.timeOrigin + performance.now() });
        isFresh = false;
      };
      (promise as Promise<undefined>).then(say, () => {});
    });
  }
  const post = self.postMessage.bind(self) as (message: unknown, options?: object) => void;
  Reflect.set(self, "postMessage", (message: { told?: string; state?: { kind: string } }, options?: object) => {
    if (message.told === "state") isFresh = message.state?.kind === "running";
    post(message, options);
  });
  channel.onmessage = ({ data }) => {
    if (!data.ask) return;
    (globalThis as { gc?: () => void }).gc?.();
    const found = [...alive.values()].filter(({ it }) => it.deref());
    const buffers = found.filter(({ what }) => what === "createBuffer");
    const counts: WorkerCounts = {
      buffers: buffers.length,
      bytes: buffers.reduce((sum, { size }) => sum + size, 0),
      textures: found.length - buffers.length,
      calls: { ...calls },
    };
    channel.postMessage({ counts });
  };
}
