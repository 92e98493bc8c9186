// MNIST from its compressed files: part by part, kept in the browser's cache, counted while it comes.
import { PIXELS } from "./setup.ts";

interface Part {
  readonly file: string;
  readonly count: number;
  readonly bytes: number;
}

type Index = Readonly<Record<"train" | "test", readonly Part[]>>;

/** Digits as they come: `count` of them are here. */
export interface Store {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly labels: Uint8Array<ArrayBuffer>;
  count: number;
}

const CACHE = "gpugrad-digits";

const newStore = (parts: readonly Part[]): Store => {
  const most = parts.reduce((sum, { count }) => sum + count, 0);
  return { pixels: new Uint8Array(most * PIXELS), labels: new Uint8Array(most), count: 0 };
};

/** Both sets, to be filled part by part. */
export class DigitFiles {
  readonly train: Store;
  readonly test: Store;
  readonly ofBytes: number;
  bytes = 0;
  readonly #folder: string;
  readonly #index: Index;
  #firstTests: Promise<unknown> | undefined;

  private constructor(folder: string, index: Index) {
    this.#folder = folder;
    this.#index = index;
    this.train = newStore(index.train);
    this.test = newStore(index.test);
    this.ofBytes = [...index.train, ...index.test].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Reads which files there are, and lets go of cached ones that are no longer among them. */
  static async open(folder: string): Promise<DigitFiles> {
    const response = await fetch(`${folder}index.json`, { cache: "no-cache" });
    if (!response.ok) throw new Error(`index.json answers ${response.status}`);
    const index = (await response.json()) as Index;
    const names = new Set([...index.train, ...index.test].map(({ file }) => file));
    const cache = await openCache();
    for (const request of (await cache?.keys()) ?? []) {
      if (!names.has(request.url.split("/").at(-1) ?? "")) await cache?.delete(request);
    }
    return new DigitFiles(folder, index);
  }

  /** True when there is nothing more to load. */
  get isWhole(): boolean {
    return this.train.count === this.train.labels.length && this.test.count === this.test.labels.length;
  }

  /** Waits for the first part of the test set, which is asked for once; again after a failure. */
  async firstTests(): Promise<void> {
    this.#firstTests ??= this.next("test").catch((error) => {
      this.#firstTests = undefined;
      throw error;
    });
    await this.#firstTests;
  }

  /** Loads the next part of a set; false when there was none. */
  async next(which: "train" | "test"): Promise<boolean> {
    const store = this[which];
    let first = 0;
    const part = this.#index[which].find(({ count }) => {
      first += count;
      return first > store.count;
    });
    if (!part) return false;
    let counted = 0; // parts of both sets may come at the same time
    const count = (bytes: number) => {
      this.bytes += bytes - counted;
      counted = bytes;
    };
    try {
      const content = await this.#read(part, count, this.train.count > 0);
      store.labels.set(content.subarray(0, part.count), store.count);
      store.pixels.set(content.subarray(part.count), store.count * PIXELS);
      store.count += part.count;
      count(part.bytes);
      return true;
    } catch (error) {
      count(0);
      throw error;
    }
  }

  /** Fetches and unpacks a part; `isGentle` once a network trains on the same thread. */
  async #read(part: Part, onBytes: (bytes: number) => void, isGentle: boolean): Promise<Uint8Array> {
    const url = `${this.#folder}${part.file}`;
    const cache = await openCache();
    const kept = await cache?.match(url);
    if (kept) {
      try {
        return await unpack(kept, part, onBytes, isGentle);
      } catch {
        await cache?.delete(url); // damaged: it is fetched again
      }
    }
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${part.file} answers ${response.status}`);
    const copy = response.clone();
    const content = await unpack(response, part, onBytes, isGentle);
    cache?.put(url, copy).catch(() => {}); // no room: it is fetched again next time
    return content;
  }
}

/** None where the browser keeps nothing. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(CACHE);
  } catch {
    return undefined;
  }
}

/** The labels, then the pixels of a part. Gently: what else the thread has to do comes between its chunks, not after all of them. */
async function unpack(
  response: Response,
  part: Part,
  onBytes: (bytes: number) => void,
  isGentle: boolean,
): Promise<Uint8Array> {
  let bytes = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    async transform(chunk, controller) {
      if (isGentle) await new Promise((resolve) => setTimeout(resolve));
      bytes += chunk.length;
      onBytes(bytes);
      controller.enqueue(chunk);
    },
  });
  const plain = response.body?.pipeThrough(counter).pipeThrough(new DecompressionStream("gzip"));
  const content = new Uint8Array(await new Response(plain ?? null).arrayBuffer());
  if (content.length !== part.count * (1 + PIXELS))
    throw new Error(`${part.file}: ${content.length} bytes instead of ${part.count * (1 + PIXELS)}`);
  return content;
}
