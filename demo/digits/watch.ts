// Looks at the network while it learns: at one digit many times a second, at the test set now and then. One request of each at a time.
import type { Run } from "./run.ts";
import { type Look, PIXELS, type Tested } from "./setup.ts";

/** ms between looks at the network, and between tests. */
const LOOK_EVERY = 200;
const TEST_EVERY = 2500;

export interface Watch {
  /** Look and test at once, or as soon as what is under way is done. */
  look(): void;
  test(): void;
  /** Something was learnt: looks and tests when it is time. */
  tick(): void;
  /** Another run: answers that are under way are of no use any more. */
  restart(): void;
}

export function watchNetwork(
  run: Run,
  {
    read,
    onLook,
    onTested,
  }: {
    /** The digit to look at. */
    readonly read: () => Uint8Array | undefined;
    /** What came of a look at `pixels`; undefined where there were none, or there are none any more. */
    readonly onLook: (look: Look, pixels: Uint8Array | undefined) => void;
    /** What came of a test that began after so many steps. */
    readonly onTested: (tested: Tested, step: number) => void;
  },
): Watch {
  let age = 0;
  let [looked, tested] = [0, performance.now()];
  let [isLooking, isLookDue, isTesting, isTestDue] = [false, false, false, false];

  async function look(): Promise<void> {
    if (!run.info) return;
    if (isLooking) {
      isLookDue = true;
      return;
    }
    [isLooking, isLookDue] = [true, false];
    const pixels = read();
    try {
      const seen = await run.ask<Look>("look", pixels ?? new Uint8Array(PIXELS));
      onLook(seen, read() && pixels); // the field may have been cleared meanwhile
    } catch {
      // the run was opened anew meanwhile: the next report asks again
    }
    isLooking = false;
    looked = performance.now();
    if (isLookDue) look();
  }

  async function test(): Promise<void> {
    if (!run.info) return;
    if (isTesting) {
      isTestDue = true;
      return;
    }
    [isTesting, isTestDue] = [true, false];
    const mine = age;
    const step = "step" in run.state ? run.state.step : 0;
    try {
      const result = await run.ask<Tested>("test");
      if (mine === age) onTested(result, step);
    } catch {
      // as above
    }
    isTesting = false;
    tested = performance.now();
    if (isTestDue) test();
  }

  return {
    look: () => void look(),
    test: () => void test(),
    tick() {
      if (performance.now() - looked > LOOK_EVERY && !isLooking) look();
      if (performance.now() - tested > TEST_EVERY && !isTesting) test();
    },
    restart: () => {
      age++;
    },
  };
}
