/** The operator's desk: shows what the push channel says, and never leaves its place. */

import { openDialog } from "../../parts/src/ts/dialog";
import { bindKey } from "../../parts/src/ts/keys";
import { learnServerTime, serverNow } from "../../parts/src/ts/server-clock";
import type { MadoPhone } from "../../parts/src/ts/mado-phone";
import { say } from "../../parts/src/ts/words";
import { listenForVerbs, type Fields } from "./doing";
import { FormDrafts } from "./form-drafts";
import { LateSince } from "./late-since";
import { drawSoon, listenForSearch } from "./strip";
import { WrapUpForm, type WrapUpState } from "./wrap-up";

interface Shown {
  me: { cooling_until?: string | null; presence?: string };
  offer: { id: string | null; call_id?: string; who?: string; detail?: string };
  call: { id: string | null; ended?: boolean; mine?: boolean; restoring?: boolean };
  story: { call_id: string | null };
  wrap_up: WrapUpState;
  promises: { due?: string[]; strip?: string };
  today: { strip?: string };
}

const shown: Shown = {
  me: {}, offer: { id: null }, call: { id: null }, story: { call_id: null },
  wrap_up: { id: null, call_id: null }, promises: {}, today: {},
};

const formDrafts = new FormDrafts();

const find = <T extends HTMLElement = HTMLElement>(selector: string): T | null => document.querySelector<T>(selector);
const phone = (): MadoPhone | null => find<MadoPhone>("mado-phone");

function hide(selector: string, hidden: boolean): void {
  for (const element of document.querySelectorAll<HTMLElement>(selector)) element.hidden = hidden;
}

function currentCall(): string | null {
  return shown.call.id ?? shown.wrap_up.call_id ?? shown.offer.call_id ?? null;
}

let cooled: ReturnType<typeof setTimeout> | undefined;

/** The pause after a missed call ends by the clock: no message says so. */
function showCooling(): void {
  const left = Date.parse(shown.me.cooling_until ?? "") - serverNow().getTime();
  hide("[data-cooling]", !(left > 0));
  document.body.toggleAttribute("data-cools", left > 0);
  clearTimeout(cooled);
  if (left > 0) cooled = setTimeout(showCooling, left + 100);
}

/** Which of the reserved places are filled. Nothing else of the page moves. */
function layOut(): void {
  const ringing = shown.offer.id !== null;
  const call = shown.call.id !== null;
  hide('[data-section="offer"]', !ringing);
  hide('[data-section="call"]', ringing || !call);
  hide(".desk-phone [data-idle]", ringing || call);
  hide('[data-section="story"]', shown.story.call_id === null);
  hide(".desk-story [data-idle]", shown.story.call_id !== null);
  hide("[data-wrap-up]", shown.wrap_up.call_id === null);
  showCooling();
  const at = ringing ? "ringing" : !call ? "idle" : shown.call.restoring ? "restoring" : shown.call.ended ? "wrap-up" : "talking";
  document.body.dataset["at"] = at;
  if (shown.me.presence) document.body.dataset["presence"] = shown.me.presence;
  // What is over must not be found by a key, a reader or a search of the page.
  if (shown.offer.id === null) find('[data-section="offer"]')?.replaceChildren();
  if (shown.call.id === null) find('[data-section="call"]')?.replaceChildren();
  if (shown.story.call_id === null) find('[data-section="story"]')?.replaceChildren();
  // A drawn button does not know whether the microphone is muted: the phone does.
  for (const button of document.querySelectorAll('[data-phone="mute"]')) {
    button.setAttribute("aria-pressed", String(phone()?.muted ?? false));
  }
  formDrafts.show(shown.story.call_id ?? shown.wrap_up.call_id);
}

function announceRing(): void {
  if (shown.offer.id !== null && shown.offer.who) phone()?.announce(shown.offer.who, shown.offer.detail ?? "");
}

function fillPart(name: string, html: string | undefined): void {
  const place = find(`[data-part="${name}"]`);
  if (place && html !== undefined && place.dataset["drawn"] !== html) {
    place.innerHTML = html;
    place.dataset["drawn"] = html;
  }
}

function listenForSections(): void {
  const head = find('[data-part="wrap_up.head"]');
  const place = find('[data-part="wrap_up.html"]');
  const form = head && place ? new WrapUpForm(head, place) : null;
  const take = <Name extends keyof Shown>(name: Name, then: (state: Shown[Name]) => void): void => {
    document.addEventListener(`live:${name}`, (event) => {
      shown[name] = (event as CustomEvent<Shown[Name]>).detail;
      then(shown[name]);
      layOut();
      // Fragments are morphed in right after this event: what belongs to the phone is set once more then.
      setTimeout(layOut, 60);
    });
  };
  take("me", () => undefined);
  take("offer", announceRing);
  take("call", () => undefined);
  take("story", () => undefined);
  take("wrap_up", (state) => form?.show(state));
  take("promises", (state) => {
    fillPart("promises.strip", state.strip);
    drawSoon(state.due ?? [], serverNow().getTime());
  });
  take("today", (state) => fillPart("today.strip", state.strip));
  setInterval(() => drawSoon(shown.promises.due ?? [], serverNow().getTime()), 15_000);
  document.addEventListener("phone-ringing", announceRing);
}

/** What only the page knows is added to what a button says. */
function before(verb: string, fields: Fields): Fields {
  if (verb === "presence") {
    const field = find<HTMLInputElement>("[data-expected-back]");
    return { ...fields, expected_back: fields["presence"] === "available" ? "" : field?.value ?? "" };
  }
  if (["consult", "transfer_to_agent", "transfer_to_queue"].includes(verb)) {
    return { call_id: shown.call.id, note: find<HTMLInputElement>("#desk-transfer [name=note]")?.value ?? "", ...fields };
  }
  return fields;
}

function after(verb: string): void {
  if (["promise", "new_customer", "point"].includes(verb)) formDrafts.sent(verb);
  if (verb === "presence" || verb === "lift_cooling_off") {
    find<HTMLDetailsElement>("#presence-menu")?.removeAttribute("open");
    const field = find<HTMLInputElement>("[data-expected-back]");
    if (field) field.value = "";
  }
  if (["consult", "transfer_to_agent", "transfer_to_queue"].includes(verb)) {
    find<HTMLDialogElement>("#desk-transfer")?.close();
  }
  if (["transfer_to_agent", "transfer_to_queue"].includes(verb)) {
    // Asking sends no word along: what is written stays for the transfer that may follow.
    const note = find<HTMLInputElement>("#desk-transfer [name=note]");
    if (note) note.value = "";
    formDrafts.sent("transfer");
  }
  if (["say_who", "dial"].includes(verb)) hide(".desk-found", true);
}

async function openTransfer(): Promise<void> {
  openDialog("desk-transfer");
  find<HTMLInputElement>("#desk-transfer [data-filter]")?.focus();
  const place = find("#desk-people");
  const answer = await fetch("/desk/people", { credentials: "same-origin" }).catch(() => null);
  if (!place) return;
  if (answer?.ok) place.innerHTML = await answer.text();
  else place.textContent = say("一覧を読み込めませんでした。もう一度開いてください。", "The list could not be loaded. Open it again.");
}

function listenForTransfer(): void {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-opens-transfer]")) void openTransfer();
  });
  const filter = find<HTMLInputElement>("#desk-transfer [data-filter]");
  filter?.addEventListener("input", () => {
    const words = filter.value.trim().toLowerCase();
    for (const row of document.querySelectorAll<HTMLElement>("#desk-people [data-words]")) {
      row.hidden = !(row.dataset["words"] ?? "").toLowerCase().includes(words);
    }
  });
  // Enter goes on to the first who was found; only a press there asks or transfers.
  filter?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    find("#desk-people [data-words]:not([hidden]) button:not(:disabled)")?.focus();
  });
}

const KEYS: Array<[string, string, string]> = [
  ["F4", "後処理を終了", "Finish the wrap-up"],
  ["Shift+F4", "後処理を1分延長", "One more minute of wrap-up"],
  ["F6", "重要事項を確認", "Confirm the important point"],
  ["F9", "保留・保留解除、相談からお客様に戻る", "Hold and back; from a question back to the customer"],
  ["F10", "相談・転送", "Ask or transfer"],
  ["Shift+F10", "相談相手にお客様を引き継ぐ", "Hand the customer to who was asked"],
];

/** The keys of the desk stand in the list of keys also while there is nothing to press. */
function bindKeys(): void {
  for (const [name, ja, en] of KEYS) {
    bindKey(name, say(ja, en), () => {
      const buttons = document.querySelectorAll<HTMLButtonElement>(`[data-key="${name}"]`);
      [...buttons].find((one) => one.getClientRects().length > 0 && !one.disabled)?.click();
    });
  }
}

/** Who talks gets to the writing without leaving the keyboard; the caret stands behind what is there. */
function bindWriting(): void {
  bindKey("F3", say("要約を書く", "Write the summary"), () => {
    const field = find<HTMLTextAreaElement>("#desk-wrap textarea[name=summary]");
    if (!field || field.getClientRects().length === 0) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  });
}

/** A browser's phone that just hangs up looks like a lost line: the desk says that it was meant. */
function bindHangUp(): void {
  bindKey("Shift+F2", say("切る", "Hang up"), () => {
    const button = [...document.querySelectorAll<HTMLElement>(".desk-hang-up")].find((one) => one.getClientRects().length > 0);
    if (button) button.click();
    else phone()?.hangUp();
  });
}

function listenForOutages(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("live-down", () => { timer ??= setTimeout(() => hide("#desk-offline", false), 1500); });
  document.addEventListener("live-up", () => {
    clearTimeout(timer);
    timer = undefined;
    hide("#desk-offline", true);
  });
  document.addEventListener("live-refused", () => hide("#desk-logged-out", false));
}

function guardComposition(): void {
  // Safari sends the Enter that ended a composition once more, as a plain one: it must submit nothing (pains 25).
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
  }, true);
}

// A bundle of its own has a clock of its own.
learnServerTime(find<HTMLMetaElement>('meta[name="server-now"]')?.content);
customElements.define("late-since", LateSince);
listenForSections();
listenForVerbs(before, after);
listenForSearch(currentCall);
listenForTransfer();
listenForOutages();
guardComposition();
bindHangUp();
bindWriting();
bindKeys();
document.addEventListener("phone-trouble", () => find<HTMLDetailsElement>(".desk-check")?.setAttribute("open", ""));
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest("[data-shows]") : null;
  if (target) find("#desk-promises")?.scrollIntoView({ block: "start" });
});
layOut();
