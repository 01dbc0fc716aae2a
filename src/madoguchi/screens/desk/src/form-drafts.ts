/**
 * What stands half typed in the forms beside a call (`data-draft`): promise, new customer, important point, word
 * for the next person. Kept on the server for this call and person as soon as the typing rests, so that a tab
 * that dies takes nothing with it; forgotten when the form is sent. What the server has not taken yet also lies
 * in this tab.
 */

import { ServerRefused } from "../../parts/src/ts/server";
import { say } from "../../parts/src/ts/words";
import { send, type Fields } from "./doing";
import { empty, putBack, typedIn } from "./form-fields";

const QUIET_MS = 700;
const LONGEST_WAIT_MS = 2500;
const RETRY_MS = 3000;
const PREFIX = "madoguchi.forms.";

export class FormDrafts {
  private callId: string | null = null;
  private readonly typed = new Map<string, Fields>();
  /** Forms of which the server does not know the newest yet. */
  private readonly unsent = new Set<string>();
  private readonly drawnFor = new WeakMap<HTMLElement, string>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waitingSince = 0;
  private saving: Promise<void> | null = null;

  constructor() {
    for (const kind of ["input", "change"]) document.addEventListener(kind, (event) => this.noteTyping(event));
    window.addEventListener("pagehide", () => void this.save());
    document.addEventListener("visibilitychange", () => { if (document.hidden) void this.save(); });
  }

  /** Says which call is at this desk; called whenever something of it was drawn. */
  show(callId: string | null): void {
    if (callId !== this.callId) void this.change(callId);
    else this.fillNewForms();
  }

  /** The form was sent, and the server has forgotten its draft. */
  sent(name: string): void {
    this.typed.delete(name);
    this.unsent.delete(name);
    // One that is on its way would come after the form itself: it is taken back.
    if (this.saving) this.unsent.add(name);
    this.keepInTab();
  }

  private async change(callId: string | null): Promise<void> {
    void this.save();
    clearTimeout(this.timer);
    this.callId = callId;
    this.typed.clear();
    this.unsent.clear();
    for (const form of document.querySelectorAll<HTMLElement>("[data-draft]")) {
      if (!form.querySelector("input[name=call_id]")) empty(form);
    }
    if (!callId) return;
    for (const [name, fields] of Object.entries(await fetchKept(callId))) {
      if (callId === this.callId && !this.typed.has(name)) this.typed.set(name, fields);
    }
    if (callId !== this.callId) return;
    for (const [name, fields] of Object.entries(inThisTab(callId))) {
      this.typed.set(name, fields);
      this.unsent.add(name);
    }
    this.fillNewForms();
    if (this.unsent.size > 0) void this.save();
  }

  /** A form that has just been drawn gets back what was typed in it; nobody has typed in it anew. */
  private fillNewForms(): void {
    for (const form of document.querySelectorAll<HTMLElement>("[data-draft]")) {
      if (!this.callId || callOf(form, this.callId) !== this.callId) continue;
      const fields = this.typed.get(form.dataset["draft"] ?? "");
      if (!fields || this.drawnFor.get(form) === this.callId) continue;
      this.drawnFor.set(form, this.callId);
      putBack(form, fields);
      form.closest("details")?.setAttribute("open", "");
      if (form instanceof HTMLFormElement) tell(form);
    }
  }

  private noteTyping(event: Event): void {
    const form = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-draft]") : null;
    const name = form?.dataset["draft"];
    if (!form || !name || !this.callId || callOf(form, this.callId) !== this.callId) return;
    const fields = typedIn(form);
    if (Object.keys(fields).length > 0) this.typed.set(name, fields);
    else this.typed.delete(name);
    this.drawnFor.set(form, this.callId);
    if (this.unsent.size === 0) this.waitingSince = performance.now();
    this.unsent.add(name);
    this.keepInTab();
    const left = LONGEST_WAIT_MS - (performance.now() - this.waitingSince);
    this.saveIn(Math.max(0, Math.min(QUIET_MS, left)));
  }

  private saveIn(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), wait);
  }

  private save(): Promise<void> {
    this.saving ??= this.saveNow().finally(() => {
      this.saving = null;
      if (this.unsent.size > 0) this.saveIn(QUIET_MS);
    });
    return this.saving;
  }

  private async saveNow(): Promise<void> {
    clearTimeout(this.timer);
    const callId = this.callId;
    // As it is now: another call may come to the desk while the first form is under way.
    const wanted = [...this.unsent].map((name) => ({ name, fields: this.typed.get(name) ?? {} }));
    this.unsent.clear();
    for (const { name, fields } of callId ? wanted : []) {
      try {
        // The page may be gone in a moment: the request outlives it.
        await send("keep_draft", { call_id: callId, form: name, fields }, { keepalive: true });
      } catch (error) {
        if (callId !== this.callId || isFinal(error)) continue;
        this.unsent.add(name);
        await new Promise((done) => { setTimeout(done, RETRY_MS); });
      }
      if (callId === this.callId) this.keepInTab();
    }
  }

  private keepInTab(): void {
    if (!this.callId) return;
    const left = [...this.unsent].map((name) => [name, this.typed.get(name) ?? {}]);
    if (left.length > 0) sessionStorage.setItem(PREFIX + this.callId, JSON.stringify(Object.fromEntries(left)));
    else sessionStorage.removeItem(PREFIX + this.callId);
  }
}

/** Of which call a form is: it says so itself, or it goes with whatever is at the desk. */
function callOf(form: HTMLElement, atDesk: string): string {
  return form.querySelector<HTMLInputElement>("input[name=call_id]")?.value ?? atDesk;
}

/** The call is no longer at this desk, or the server does not want it: trying again would change nothing. */
function isFinal(error: unknown): boolean {
  return error instanceof ServerRefused && error.status < 500 && error.status !== 429 && error.status !== 403;
}

async function fetchKept(callId: string): Promise<Record<string, Fields>> {
  const query = new URLSearchParams({ call_id: callId });
  const answer = await fetch(`/desk/drafts?${query}`, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok || answer.redirected) return {};
  return (await answer.json() as { forms: Record<string, Fields> }).forms;
}

function inThisTab(callId: string): Record<string, Fields> {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + callId) ?? "{}") as Record<string, Fields>;
  } catch {
    sessionStorage.removeItem(PREFIX + callId);
    return {};
  }
}

function tell(form: HTMLFormElement): void {
  const place = form.querySelector<HTMLElement>(".saved") ?? document.createElement("p");
  place.className = "saved";
  place.setAttribute("role", "status");
  place.textContent = say("書きかけの内容を戻しました", "What you had begun to write is back");
  form.append(place);
}
