// Whether a worker is still there: nobody is told when a browser ends one to take its memory back, but its locks become free.

/** In the worker: holds a lock for as long as it lives, and tells the page of it. */
export function showLife(): void {
  const lock = `life ${Math.random()} ${performance.timeOrigin}`;
  const holding = navigator.locks?.request(lock, () => {
    postMessage({ alive: lock });
    return new Promise(() => {});
  });
  holding?.catch(() => {}); // pages without an origin of their own have no locks
}

/** In the page: calls `onEnd` once the worker is gone, by whatever cause. */
export function watchLife(worker: Worker, onEnd: () => void): void {
  worker.addEventListener("message", ({ data }: MessageEvent<{ readonly alive?: string }>) => {
    if (data.alive) navigator.locks.request(data.alive, onEnd).catch(() => {});
  });
}
