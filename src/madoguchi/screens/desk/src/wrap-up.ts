/**
 * What the operator writes of a call: drafted while they talk, saved by itself as soon as the wrap-up is open.
 *
 * The form is drawn once for each call and never again under the fingers of who types in it. A copy of what is
 * not saved yet lies in this tab (sessionStorage), so that a reload or an outage of the server loses nothing.
 */

import { ServerRefused } from "../../parts/src/ts/server";
import { say } from "../../parts/src/ts/words";
import { toast } from "../../parts/src/ts/toast";
import { fieldsOf, send, wordsOf, type Fields } from "./doing";

export interface WrapUpState {
  id: string | null;
  call_id: string | null;
  head?: string;
  html?: string;
}

const QUIET_MS = 700;
const RETRY_MS = 3000;

export class WrapUpForm {
  private id: string | null = null;
  private callId: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unsaved = false;
  private saving: Promise<boolean> | null = null;

  constructor(private readonly head: HTMLElement, private readonly place: HTMLElement) {
    place.addEventListener("input", (event) => this.typed(event));
    head.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-finishes]") : null;
      if (button) void this.finish();
    });
    window.addEventListener("pagehide", () => { if (this.unsaved) void this.save(); });
  }

  show(state: WrapUpState): void {
    if (state.call_id !== this.callId) this.change(state);
    if (this.head.dataset["drawn"] !== state.head) {
      this.head.innerHTML = state.head ?? "";
      this.head.dataset["drawn"] = state.head ?? "";
    }
    const opened = state.id !== null && this.id === null;
    this.id = state.id;
    if (opened && this.unsaved) void this.save();
  }

  private change(state: WrapUpState): void {
    clearTimeout(this.timer);
    this.id = null;
    this.unsaved = false;
    this.callId = state.call_id;
    this.place.innerHTML = state.html ?? "";
    if (this.callId) this.restore();
  }

  private get form(): HTMLFormElement | null {
    return this.place.querySelector<HTMLFormElement>("form.desk-wrap");
  }

  private get key(): string {
    return `madoguchi.draft.${this.callId ?? ""}`;
  }

  private restore(): void {
    const kept = sessionStorage.getItem(this.key);
    const form = this.form;
    if (!kept || !form) return;
    fill(form, JSON.parse(kept) as Fields);
    this.unsaved = true;
    this.say(say("このタブに残っていた下書きです", "Draft kept in this tab"));
  }

  private typed(event: Event): void {
    const form = this.form;
    if (!form || !(event.target instanceof Node) || !form.contains(event.target)) return;
    this.unsaved = true;
    sessionStorage.setItem(this.key, JSON.stringify(fieldsOf(form)));
    clearTimeout(this.timer);
    if (this.id) {
      this.say(say("入力中…", "Writing…"));
      this.timer = setTimeout(() => void this.save(), QUIET_MS);
    } else {
      this.say(say("下書き（通話が終わると保存されます）", "Draft (saved when the call ends)"));
    }
  }

  private save(): Promise<boolean> {
    this.saving ??= this.saveNow().finally(() => { this.saving = null; });
    return this.saving;
  }

  /** True when everything typed so far lies in the database. */
  private async saveNow(): Promise<boolean> {
    clearTimeout(this.timer);
    const form = this.form;
    if (!this.id || !form) return false;
    const [key, fields] = [this.key, fieldsOf(form)];
    const written = JSON.stringify(fields);
    try {
      await send("save_wrap_up", { marks: [], ...fields, wrap_up_id: this.id });
    } catch (error) {
      this.notSaved(error);
      return false;
    }
    if (sessionStorage.getItem(key) === written) sessionStorage.removeItem(key);
    this.unsaved = sessionStorage.getItem(key) !== null;
    const now = new Date();
    const clock = `${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
    this.say(say(`保存しました ${clock}`, `Saved ${clock}`));
    return true;
  }

  private notSaved(error: unknown): void {
    if (error instanceof ServerRefused && error.status < 500) {
      this.say(wordsOf(error));
      return;
    }
    this.say(say("まだ保存できていません。つながり次第保存します", "Not saved yet. It is saved as soon as we are connected"));
    this.timer = setTimeout(() => void this.save(), RETRY_MS);
  }

  private async finish(): Promise<void> {
    const id = this.id;
    if (!id) return;
    while (this.unsaved) {
      if (!(await this.save())) return;
    }
    try {
      await send("end_wrap_up", { wrap_up_id: id });
    } catch (error) {
      toast(wordsOf(error), { stay: true });
      document.querySelector<HTMLElement>(".desk-point:not([data-read]) button")?.focus();
    }
  }

  private say(words: string): void {
    const place = this.place.querySelector<HTMLElement>("[data-saved]");
    if (place) place.textContent = words;
  }
}

function fill(form: HTMLFormElement, fields: Fields): void {
  for (const element of form.elements) {
    if (element instanceof HTMLInputElement && ["radio", "checkbox"].includes(element.type)) {
      const value = fields[element.name];
      element.checked = Array.isArray(value) ? value.includes(element.value) : value === element.value;
    } else if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) {
      const value = fields[element.name];
      if (typeof value === "string") element.value = value;
    }
  }
}
