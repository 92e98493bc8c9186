// `npm run device`: which device this machine gives, with its features and limits.
import { openGpu } from "../gpu/device.ts";
import { command, findDevice } from "./command.ts";

export async function run(argv: readonly string[]): Promise<number> {
  const options = command("device", "Says which device this machine gives").parse(argv, { from: "user" }).opts();
  const found = await findDevice({ device: options.device, quiet: true });
  const device = found.gpu && (await openGpu(found.gpu));
  if (options.json) console.log(JSON.stringify({ device: found.device, line: found.line, ...device?.info }));
  else console.log(found.line);
  device?.close();
  return 0;
}
