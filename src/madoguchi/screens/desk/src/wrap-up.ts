/**
 * What the operator writes of a call: a record from the first words on, through talk, hold, transfer and wrap-up.
 *
 * The form is drawn once for each call and never again under the fingers of who types in it. Only what was
 * changed here is sent, with the version of the text it is based on: another window's words are never
 * overwritten. What the server has not taken yet also lies in this tab (sessionStorage).
 */

import { ServerRefused } from "../../parts/src/ts/server";
import { say } from "../../parts/src/ts/words";
import { toast } from "../../parts/src/ts/toast";
import { send, wordsOf } from "./doing";
import { drafts, type Draft } from "./drafts";
import { choiceOf, textOf, fill } from "./wrap-up-fields";

export interface Written {
  summary: string;
  version: number;
  reason_id: string;
  handling: string;
  reception: string;
  marks: string[];
}

export interface WrapUpState {
  id: string | null;
  call_id: string | null;
  head?: string;
  html?: string;
  written?: Written;
}

interface Saved { summary: string; version: number; kept_both: boolean }

const QUIET_MS = 700;
const LONGEST_WAIT_MS = 2500;
const RETRY_MS = 3000;
/** After so long without an answer, who writes is told that it is not kept yet. */
const SLOW_MS = 4000;

export class WrapUpForm {
  private id: string | null = null;
  private callId: string | null = null;
  private version = 0;
  private latest: Written | null = null;
  /** Names of the fields that were changed here and that the server has not taken yet. */
  private changed = new Set<string>();
  private waitingSince = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<boolean> | null = null;
  private composing = false;
  private looked = false;

  constructor(private readonly head: HTMLElement, private readonly place: HTMLElement) {
    place.addEventListener("input", (event) => this.typed(event));
    place.addEventListener("compositionstart", () => { this.composing = true; });
    place.addEventListener("compositionend", () => { this.composing = false; this.adopt(); });
    head.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-finishes]") : null;
      if (button) void this.finish();
    });
    window.addEventListener("pagehide", () => this.sendNow());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.sendNow(); });
  }

  show(state: WrapUpState): void {
    if (!this.looked) {
      this.looked = true;
      void drafts.sendLeftOvers(state.call_id, (callId, draft) => this.send(callId, draft));
    }
    if (state.call_id !== this.callId) this.change(state);
    if (this.head.dataset["drawn"] !== state.head) {
      this.head.innerHTML = state.head ?? "";
      this.head.dataset["drawn"] = state.head ?? "";
    }
    this.id = state.id;
    this.latest = state.written ?? null;
    this.adopt();
  }

  private change(state: WrapUpState): void {
    // The call went before the last words were sent: they go after it.
    this.sendLast();
    clearTimeout(this.timer);
    this.changed.clear();
    this.version = -1;
    this.composing = false;
    this.callId = state.call_id;
    this.place.innerHTML = state.html ?? "";
    this.latest = state.written ?? null;
    this.adopt();
    const draft = this.callId ? drafts.of(this.callId) : null;
    if (draft) this.restore(draft);
  }

  private get form(): HTMLFormElement | null {
    return this.place.querySelector<HTMLFormElement>("form.desk-wrap");
  }

  /** Take over what was written elsewhere, but nothing that is just being changed here. */
  private adopt(): void {
    const [form, latest] = [this.form, this.latest];
    if (!form || !latest || this.saving || this.composing) return;
    for (const name of ["reason_id", "handling", "reception", "marks"] as const) {
      if (!this.changed.has(name)) fill(form, name, latest[name]);
    }
    if (latest.version <= this.version || this.changed.has("summary")) return;
    const isNews = this.version >= 0 && textOf(form) !== latest.summary;
    fill(form, "summary", latest.summary);
    this.version = latest.version;
    if (isNews) this.tell(say("別の画面での入力を反映しました", "Shows what was written in another window"));
  }

  private restore(draft: Draft): void {
    const form = this.form;
    if (!form) return;
    const { version, ...fields } = draft;
    for (const [name, value] of Object.entries(fields)) {
      fill(form, name, value);
      this.changed.add(name);
    }
    this.version = version;
    this.tell(say("このタブに残っていた下書きです", "Draft kept in this tab"));
    void this.save();
  }

  private typed(event: Event): void {
    const [form, field] = [this.form, event.target];
    if (!form || !this.callId || !(field instanceof HTMLElement) || !form.contains(field)) return;
    const name = field.getAttribute("name");
    if (!name) return;
    if (this.changed.size === 0) this.waitingSince = performance.now();
    this.changed.add(name);
    drafts.keep(this.callId, this.unsent(form));
    this.tell(say("入力中…", "Writing…"));
    // Who types without a pause is saved all the same.
    const left = LONGEST_WAIT_MS - (performance.now() - this.waitingSince);
    this.saveIn(Math.max(0, Math.min(QUIET_MS, left)));
  }

  private unsent(form: HTMLFormElement): Draft {
    const fields: Draft = { version: Math.max(0, this.version) };
    for (const name of this.changed) fields[name] = name === "summary" ? textOf(form) : choiceOf(form, name);
    return fields;
  }

  private saveIn(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), wait);
  }

  private save(): Promise<boolean> {
    this.saving ??= this.saveNow().then((done) => {
      this.saving = null;
      this.adopt();
      if (done && this.changed.size > 0) this.saveIn(QUIET_MS);
      return done;
    });
    return this.saving;
  }

  /** True when everything typed before it lies in the database. */
  private async saveNow(): Promise<boolean> {
    clearTimeout(this.timer);
    const [form, callId] = [this.form, this.callId];
    if (!form || !callId || this.changed.size === 0) return true;
    const draft = this.unsent(form);
    const slow = setTimeout(() => { if (callId === this.callId) this.tellUnsaved(); }, SLOW_MS);
    try {
      const saved = await this.send(callId, draft);
      if (callId === this.callId) this.taken(form, draft, saved);
      else drafts.forget(callId, draft);
    } catch (error) {
      if (callId === this.callId) this.notSaved(error);
      return false;
    } finally {
      clearTimeout(slow);
    }
    return true;
  }

  private taken(form: HTMLFormElement, draft: Draft, saved: Saved): void {
    for (const [name, value] of Object.entries(draft)) {
      const now = name === "summary" ? textOf(form) : choiceOf(form, name);
      if (JSON.stringify(now) === JSON.stringify(value)) this.changed.delete(name);
    }
    this.version = saved.version;
    const sent = draft["summary"];
    if (typeof sent === "string" && saved.summary !== sent) this.bringTogether(form, sent, saved.summary);
    this.waitingSince = performance.now();
    if (this.callId && this.changed.size > 0) drafts.keep(this.callId, this.unsent(form));
    else if (this.callId) drafts.forget(this.callId);
    if (saved.kept_both) {
      toast(say("この通話は別の画面でも入力されていました。両方の内容を残しましたので、確かめてください。",
        "This call was also written about in another window. Both texts were kept: please look them over."), { stay: true });
    }
    const now = new Date();
    const clock = `${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
    this.tell(say(`保存しました ${clock}`, `Saved ${clock}`));
  }

  /** The server holds more than we sent; what was typed meanwhile follows it. */
  private bringTogether(form: HTMLFormElement, sent: string, stands: string): void {
    const typed = textOf(form);
    if (typed === sent) {
      fill(form, "summary", stands);
      return;
    }
    const more = typed.startsWith(sent) ? typed.slice(sent.length) : `\n${typed}`;
    fill(form, "summary", stands + more);
    this.changed.add("summary");
  }

  private notSaved(error: unknown): void {
    const refused = error instanceof ServerRefused && error.status < 500 && error.status !== 429;
    if (refused && error.status !== 403) {
      this.tell(wordsOf(error), "soon");
      return;
    }
    this.tellUnsaved();
    this.saveIn(RETRY_MS);
  }

  private tellUnsaved(): void {
    this.tell(say("まだ保存できていません。つながり次第保存します", "Not saved yet. It is saved as soon as we are connected"), "soon");
  }

  private sendNow(): void {
    if (this.saving) this.sendLast();
    else if (this.changed.size > 0) void this.save();
  }

  /** Nobody waits for the answer: what is not taken stays in the tab, and is sent when it is opened again. */
  private sendLast(): void {
    const [form, callId] = [this.form, this.callId];
    if (!form || !callId || this.changed.size === 0) return;
    const draft = this.unsent(form);
    this.send(callId, draft).then(() => drafts.forget(callId, draft), () => undefined);
  }

  private async send(callId: string, draft: Draft): Promise<Saved> {
    // The page may be gone in a moment: the request outlives it.
    return await send("write_down", { ...draft, call_id: callId }, { keepalive: true }) as unknown as Saved;
  }

  private async finish(): Promise<void> {
    const id = this.id;
    if (!id) return;
    while (this.changed.size > 0) {
      if (!(await this.save())) return;
    }
    try {
      await send("end_wrap_up", { wrap_up_id: id });
    } catch (error) {
      toast(wordsOf(error), { stay: true });
      document.querySelector<HTMLElement>(".desk-point:not([data-read]) button")?.focus();
    }
  }

  private tell(words: string, tone = ""): void {
    const place = this.place.querySelector<HTMLElement>("[data-saved]");
    if (!place) return;
    place.textContent = words;
    place.dataset["tone"] = tone;
  }
}
