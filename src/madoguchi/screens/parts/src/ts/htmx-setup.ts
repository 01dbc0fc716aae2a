/** htmx under our CSP: no eval, no inline script, CSRF on every request, errors in plain words. */

import htmx from "htmx.org";
import { csrfToken, plainWords } from "./server";
import { toast } from "./toast";

interface RequestDetail {
  ctx: { request: { method?: string; headers: Record<string, string> }; response?: { status?: number } };
}

export function setUpHtmx(): void {
  Object.assign(htmx.config, {
    includeIndicatorCSS: false,
    // A page of a server in trouble never replaces what the person was reading or typing.
    noSwap: [204, 304, "401", "403", "404", "409", "429", "5xx"],
    history: "reload",
    mode: "same-origin",
  });
  document.addEventListener("htmx:config:request", (event) => {
    (event as CustomEvent<RequestDetail>).detail.ctx.request.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:response:error", (event) => {
    const status = (event as CustomEvent<RequestDetail>).detail.ctx.response?.status ?? 0;
    if (status !== 422) toast(plainWords(status), { stay: true });
  });
  document.addEventListener("htmx:error", (event) => {
    const detail = (event as CustomEvent<Partial<RequestDetail>>).detail;
    if (detail.ctx) toast(plainWords(0), { stay: true });
  });
}
