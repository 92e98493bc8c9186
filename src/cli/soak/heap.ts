// What JavaScript holds in a page and in its workers, told by the browser itself.
import type { CDPSession, Page } from "playwright";

/** Asks a page and the workers that it has. */
export interface Heap {
  /** Bytes of objects after everything that nobody uses was collected. */
  used(): Promise<number>;
}

type Answer = { readonly id?: number; readonly result?: unknown };
type Usage = { readonly usedSize: number };

/** Watches the heaps of `page`. To be called once it is open. */
export async function heapOf(page: Page): Promise<Heap> {
  const session = await page.context().newCDPSession(page);
  const workers = new Set<string>();
  session.on("Target.attachedToTarget", ({ sessionId }) => void workers.add(sessionId));
  session.on("Target.detachedFromTarget", ({ sessionId }) => void workers.delete(sessionId));
  await session.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return {
    async used() {
      let bytes = 0;
      // what finalizers let go of is collected the second time
      for (let time = 0; time < 2; time++) {
        await session.send("HeapProfiler.collectGarbage");
        bytes = (await session.send("Runtime.getHeapUsage")).usedSize;
        for (const worker of workers) {
          await askWorker(session, worker, "HeapProfiler.collectGarbage");
          bytes += ((await askWorker(session, worker, "Runtime.getHeapUsage")) as Usage).usedSize;
        }
        await page.waitForTimeout(100);
      }
      return bytes;
    },
  };
}

let lastId = 0;

/** A command of the protocol to a worker, by way of its page. */
function askWorker(session: CDPSession, sessionId: string, method: string): Promise<unknown> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const listen = ({ sessionId: from, message }: { readonly sessionId: string; readonly message: string }) => {
      const answer = JSON.parse(message) as Answer;
      if (from !== sessionId || answer.id !== id) return;
      session.off("Target.receivedMessageFromTarget", listen);
      resolve(answer.result);
    };
    session.on("Target.receivedMessageFromTarget", listen);
    session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method }) }).catch(reject);
  });
}
