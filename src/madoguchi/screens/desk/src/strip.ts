/** The strip at the top: finding a customer, and how many promises fall due within the hour. */

import { say } from "../../parts/src/ts/words";

const QUIET_MS = 180;
const SOON_MS = 3_600_000;

/** Draws what was found below the field; Escape and a press elsewhere shut it. */
export function listenForSearch(callId: () => string | null): void {
  const form = document.querySelector<HTMLFormElement>("[data-search]");
  const field = form?.querySelector<HTMLInputElement>("input[type=search]");
  const place = form?.querySelector<HTMLElement>(".desk-found");
  if (!form || !field || !place) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;
  const look = async (): Promise<void> => {
    const words = field.value.trim();
    place.hidden = words === "";
    if (words === "") return;
    const mine = ++asked;
    const query = new URLSearchParams({ q: words, call_id: callId() ?? "" });
    const answer = await fetch(`${form.dataset["search"] ?? ""}?${query}`, { credentials: "same-origin" }).catch(() => null);
    if (mine !== asked) return;
    place.innerHTML = answer?.ok ? await answer.text() : "";
    if (!answer?.ok) place.textContent = say("検索できませんでした。もう一度お試しください。", "The search failed. Try again.");
  };
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), QUIET_MS);
  };
  field.addEventListener("input", (event) => { if (!(event as InputEvent).isComposing) soon(); });
  field.addEventListener("compositionend", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); void look(); });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    place.hidden = true;
    field.value = "";
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !form.contains(event.target)) place.hidden = true;
  });
}

/** How many of these moments lie within the coming hour. Pure. */
export function dueSoon(due: readonly string[], now: number): number {
  return due.filter((at) => { const left = Date.parse(at) - now; return left > 0 && left <= SOON_MS; }).length;
}

export function drawSoon(due: readonly string[], now: number): void {
  const place = document.querySelector<HTMLElement>("[data-soon]");
  if (!place) return;
  const count = dueSoon(due, now);
  place.hidden = count === 0;
  place.textContent = say(`まもなく ${count}`, `soon ${count}`);
}
