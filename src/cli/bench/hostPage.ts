// What the page of `bench host` runs: the replay of mlp-adam, timed by the wall clock of a thread that does nothing else.
import { mlpAdam } from "../../../bench/steps/mlpAdam.ts";
import { openDevice } from "../../open.ts";
import { replay } from "./replay.ts";

async function measured() {
  const device = await openDevice();
  return { ...(await replay(device, mlpAdam, () => performance.now() * 1000)), adapter: device.info.adapter };
}

(globalThis as { replayed?: unknown }).replayed = measured();
