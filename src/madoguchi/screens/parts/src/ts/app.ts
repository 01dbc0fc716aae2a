/** What every page carries: htmx, keys, clocks, dialogs, toasts, the live channel. */

import { listenForDialogs } from "./dialog";
import { listenForDials } from "./dialling";
import { setUpHtmx } from "./htmx-setup";
import { offerKeyList } from "./key-list";
import { listenForKeys } from "./keys";
import { startLive } from "./live";
import { listenForMenus } from "./menus";
import { learnServerTime } from "./server-clock";
import { Tabs } from "./tabs";
import { TimeSince } from "./time-since";
import { toast } from "./toast";
import { listenForUploads } from "./uploads";

learnServerTime(document.querySelector<HTMLMetaElement>('meta[name="server-now"]')?.content);
setUpHtmx();
listenForDialogs();
listenForMenus();
listenForDials();
listenForKeys();
listenForUploads();
offerKeyList();
startLive();
// On a narrow screen the office's pages stand in a row that scrolls: the one that is open is to be seen.
document.querySelector("nav li [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
customElements.define("time-since", TimeSince);
customElements.define("mado-tabs", Tabs);
// The server says `HX-Trigger: {"toast": "…"}`; htmx puts a bare word under `value`.
document.addEventListener("toast", (event) => {
  const { value } = (event as CustomEvent<{ value?: unknown }>).detail;
  if (typeof value === "string") toast(value);
});
