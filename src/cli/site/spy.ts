// What a page's worker tells it, and when: put into a page before it opens, it keeps every worker that the page makes and notes its messages.
import type { Page } from "playwright";
import type { RemoteState } from "../../train/channel.ts";

/** A message of a worker: a state, a report, or one of the page's own by its name. */
export interface Heard {
  /** ms since 1970. */
  readonly at: number;
  readonly what: RemoteState["kind"] | "report" | (string & {});
  readonly step?: number;
  readonly reason?: string;
  readonly framesPerSecond?: number;
  readonly stepsPerSecond?: number;
}

/** What the page has in `globalThis.spy`. */
interface Spy {
  readonly workers: Worker[];
  readonly heard: Heard[];
  /** A request of ours to the last worker, beside those of the page. */
  ask(call: string, ...args: unknown[]): Promise<unknown>;
}

type Spied = typeof globalThis & { spy: Spy };

/** To be called before the page opens. */
export function spyOn(page: Page): Promise<unknown> {
  return page.addInitScript(() => {
    const workers: Worker[] = [];
    const heard: Heard[] = [];
    const now = () => performance.timeOrigin + performance.now();
    let last = 0;
    Object.assign(globalThis, {
      Worker: class extends Worker {
        constructor(url: URL, options?: WorkerOptions) {
          super(url, options);
          workers.push(this);
          this.addEventListener("message", ({ data }) => {
            const at = now();
            if (data.told === "state") heard.push({ at, what: data.state.kind, ...data.state });
            else if (data.told === "report") heard.push({ at, what: "report", step: data.report.totalSteps });
            else if (data.told === "message") {
              const { step, framesPerSecond, stepsPerSecond } = data.payload ?? {};
              heard.push({ at, what: data.name, step, framesPerSecond, stepsPerSecond });
            }
          });
        }
      },
      spy: {
        workers,
        heard,
        ask(call, ...args) {
          const worker = workers.at(-1) as Worker;
          const id = --last;
          return new Promise((resolve, reject) => {
            const answer = ({ data }: MessageEvent) => {
              if (data.id !== id) return;
              worker.removeEventListener("message", answer);
              if (data.error) reject(new Error(data.error.message));
              else resolve(data.value);
            };
            worker.addEventListener("message", answer);
            worker.postMessage({ id, call, args });
          });
        },
      } satisfies Spy,
    });
  });
}

/** All that was heard so far. */
export function heardIn(page: Page): Promise<readonly Heard[]> {
  return page.evaluate(() => (globalThis as Spied).spy.heard);
}

/** Waits for a message after `since` and gives it; looks without making the page work. @throws Error with what was heard instead */
export async function hears(
  page: Page,
  isIt: (heard: Heard) => boolean,
  { since = 0, within = 30_000, every = 20 } = {},
): Promise<Heard> {
  const started = performance.now();
  for (;;) {
    const heard = await heardIn(page);
    const found = heard.find((one) => one.at > since && isIt(one));
    if (found) return found;
    if (performance.now() - started > within) {
      const kinds = heard.filter(({ at }) => at > since).map(({ what, step = "" }) => `${what} ${step}`.trim());
      throw new Error(`not heard within ${within / 1000} s, but: ${kinds.slice(-12).join(", ") || "nothing"}`);
    }
    await page.waitForTimeout(every);
  }
}

/** ms from a click on the button of that name to the message that is `what`, on the page's own clock; 0 where that was so already. */
export function clickUntil(page: Page, name: string, what: string): Promise<number> {
  return page.evaluate(
    async ([name, what]) => {
      const { heard } = (globalThis as Spied).spy;
      const button = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === name);
      if (!button) throw new Error(`no button "${name}"`);
      const from = heard.length;
      const started = performance.timeOrigin + performance.now();
      const isSoAlready = heard.findLast((one) => one.what === "running" || one.what === "paused")?.what === what;
      button.click();
      if (isSoAlready) return 0; // such as between two runs over sets that grow: nothing more is said
      for (;;) {
        const found = heard.slice(from).find((one) => one.what === what);
        if (found) return found.at - started;
        if (performance.timeOrigin + performance.now() - started > 20_000) {
          const last = heard.slice(-8).map((one) => `${one.what} ${one.step ?? ""}`.trim());
          throw new Error(`"${name}" was pressed, but it was never ${what}. Heard last: ${last.join(", ")}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    [name, what] as const,
  );
}

/** A digest of all weights as the last worker has them. */
export function weightsDigest(page: Page): Promise<string> {
  return page.evaluate(async () => {
    type Weights = Readonly<Record<string, { readonly data: Float32Array<ArrayBuffer> }>>;
    const weights = (await (globalThis as Spied).spy.ask("snapshot")) as Weights;
    const parts = Object.keys(weights)
      .sort()
      .map((name) => weights[name]?.data as Float32Array<ArrayBuffer>);
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  });
}

/** Ends the page's last worker as a browser does that takes its memory back: nobody is told. */
export function endWorker(page: Page): Promise<void> {
  return page.evaluate(() => (globalThis as Spied).spy.workers.at(-1)?.terminate());
}
