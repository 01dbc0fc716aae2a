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
// On a narrow screen the pages stand in a row that scrolls: the one that is open is to be seen.
for (const open of document.querySelectorAll("nav li [aria-current=page], .site-nav [aria-current]")) {
  open.scrollIntoView({ block: "nearest", inline: "center" });
}
// A form that was refused comes back as a page of its own: keys and eyes go to what is wrong.
document.querySelector<HTMLElement>("main [aria-invalid=true]")?.focus();
customElements.define("time-since", TimeSince);
customElements.define("mado-tabs", Tabs);
// The server says `HX-Trigger: {"toast": "…"}`; htmx puts a bare word under `value`.
document.addEventListener("toast", (event) => {
  const { value } = (event as CustomEvent<{ value?: unknown }>).detail;
  if (typeof value === "string") toast(value);
});
