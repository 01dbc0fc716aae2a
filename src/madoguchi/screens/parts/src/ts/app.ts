/** What every page carries: htmx, keys, clocks, dialogs, toasts, the live channel. */

import { listenForDialogs } from "./dialog";
import { setUpHtmx } from "./htmx-setup";
import { offerKeyList } from "./key-list";
import { listenForKeys } from "./keys";
import { startLive } from "./live";
import { listenForMenus } from "./menus";
import { learnServerTime } from "./server-clock";
import { Tabs } from "./tabs";
import { TimeSince } from "./time-since";
import { toast } from "./toast";

learnServerTime(document.querySelector<HTMLMetaElement>('meta[name="server-now"]')?.content);
setUpHtmx();
listenForDialogs();
listenForMenus();
listenForKeys();
offerKeyList();
startLive();
customElements.define("time-since", TimeSince);
customElements.define("mado-tabs", Tabs);
// The server says `HX-Trigger: {"toast": "…"}`; htmx puts a bare word under `value`.
document.addEventListener("toast", (event) => {
  const { value } = (event as CustomEvent<{ value?: unknown }>).detail;
  if (typeof value === "string") toast(value);
});
