// The page: what is set lives in the link; a fit above, paths down a slope below, each with a worker of its own.
import "./curves.css";
import { adapterLine } from "../ui/adapter.ts";
import { openPage } from "../ui/page.ts";
import { notice } from "../ui/parts.ts";
import { curveFit } from "./fit.ts";
import { readLink, writeLink } from "./link.ts";
import { meta } from "./meta.ts";
import { paths } from "./paths.ts";
import type { Settings } from "./settings.ts";
import { text } from "./text.ts";

const linked = readLink(location.hash);
let settings = linked.settings;

const curves = curveFit(linked, change, copyLink);
const race = paths(settings, change);
const adapter = adapterLine();

openPage(meta).append(
  adapter.element,
  ...(linked.sentences.length > 0 ? [notice("warn", text.link.title, linked.sentences)] : []),
  curves.element,
  race.element,
);

function change(changes: Partial<Settings>): void {
  settings = { ...settings, ...changes };
  curves.show(settings);
  race.show(settings);
  showLink();
}

let isDue: ReturnType<typeof setTimeout> | undefined;

/** Browsers refuse an address that changes a hundred times a second. */
function showLink(): void {
  clearTimeout(isDue);
  isDue = setTimeout(writeHash, 120);
}

const writeHash = () => history.replaceState(null, "", `#${writeLink(settings, curves.own)}`);

async function copyLink(): Promise<boolean> {
  writeHash();
  try {
    await navigator.clipboard.writeText(location.href);
    return true;
  } catch {
    return false;
  }
}

addEventListener("hashchange", () => location.reload());
adapter.found.then(async ({ isReference }) => {
  await curves.begin(isReference);
  race.begin();
});
