// Colours for a terminal, and none anywhere else: picocolors alone would also write them into the logs of CI.
import { createColors } from "picocolors";

export default createColors(Boolean(process.stdout.isTTY) && !process.env.NO_COLOR && process.env.TERM !== "dumb");
