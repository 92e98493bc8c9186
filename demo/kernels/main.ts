// TODO: the page.
import { adapterLine } from "../ui/adapter.ts";
import { openPage } from "../ui/page.ts";
import { meta } from "./meta.ts";

openPage(meta).append(adapterLine().element);
