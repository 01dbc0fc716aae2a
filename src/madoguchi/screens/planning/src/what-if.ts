/** 「もしも」: sliders beside their numbers, and the answer to the last question only. */

import { csrfToken, plainWords } from "../../parts/src/ts/server";
import { say } from "../../parts/src/ts/words";

const SETTLED_MS = 250;
/** Answers take some half a second: so often is looked at first, more seldom when it takes long. */
const LOOK_MS = 120;
const SELDOM_MS = 1_000;
const SOON_MS = 3_000;
const LONG_MS = 8_000;
const TRIES = 3;

class Refused extends Error {
  constructor(readonly part: string) {
    super("refused");
  }
}

class WhatIfBoard extends HTMLElement {
  /** How many questions were asked: an answer to an earlier one is thrown away. */
  private asked = 0;
  private soon: number | undefined;
  private going: AbortController | null = null;

  connectedCallback(): void {
    for (const range of this.ranges()) range.hidden = false;
    const reset = this.querySelector<HTMLButtonElement>("[data-resets]");
    if (reset) {
      reset.hidden = false;
      reset.addEventListener("click", () => this.allBack());
    }
    this.form().addEventListener("input", (event) => this.turned(event.target));
    this.form().addEventListener("submit", (event) => {
      event.preventDefault();
      this.askSoon(0);
    });
    if (["unasked", "working", "dropped"].includes(this.answer().dataset["stage"] ?? "")) this.askSoon(0);
  }

  disconnectedCallback(): void {
    this.going?.abort();
    window.clearTimeout(this.soon);
  }

  private form(): HTMLFormElement {
    return this.querySelector<HTMLFormElement>("form.what-if-sliders")!;
  }

  private answer(): HTMLElement {
    return this.querySelector<HTMLElement>("#what-if-answer")!;
  }

  private ranges(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>("[data-turns]")];
  }

  private numberOf(range: HTMLInputElement): HTMLInputElement {
    return this.querySelector<HTMLInputElement>(`#${range.dataset["turns"]}`)!;
  }

  private turned(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement && target.type === "range") {
      this.numberOf(target).value = target.value;
    } else {
      for (const range of this.ranges()) if (this.numberOf(range) === target) range.value = this.numberOf(range).value;
    }
    this.askSoon(SETTLED_MS);
  }

  private allBack(): void {
    for (const range of this.ranges()) {
      const number = this.numberOf(range);
      range.value = number.value = number.dataset["unturned"] ?? "0";
    }
    for (const select of this.form().querySelectorAll("select")) select.value = "";
    this.askSoon(0);
  }

  private askSoon(after: number): void {
    const mine = ++this.asked;
    this.going?.abort();
    this.going = new AbortController();
    this.busy(true);
    window.clearTimeout(this.soon);
    this.soon = window.setTimeout(() => void this.ask(mine, this.going!.signal), after);
  }

  private busy(on: boolean): void {
    this.answer().setAttribute("aria-busy", String(on));
    if (on) this.says(say("計算しています…", "Being worked out…"));
  }

  private says(words: string): void {
    const place = this.querySelector<HTMLElement>(".what-if-says");
    if (place) place.textContent = words;
  }

  private async ask(mine: number, signal: AbortSignal): Promise<void> {
    try {
      for (let turn = 0; turn < TRIES; turn += 1) {
        const part = await this.worked(signal);
        if (mine !== this.asked) return;
        // Dropped: the same person asked something else in another window before a worker came to this.
        if (part.dataset["stage"] !== "dropped") return this.show(part);
      }
      throw new Error(say("別の画面の計算が先になりました。もう一度お試しください。", "Another window of yours was first. Try again."));
    } catch (error) {
      if (mine === this.asked && !signal.aborted) this.failed(error);
    }
  }

  /** The answer, when it is there. */
  private async worked(signal: AbortSignal): Promise<HTMLElement> {
    const began = performance.now();
    const body = new FormData(this.form());
    let part = await this.fetched(this.form().action, { method: "POST", body, signal });
    while (part.dataset["stage"] === "working") {
      const wait = performance.now() - began < SOON_MS ? LOOK_MS : SELDOM_MS;
      await new Promise((done) => window.setTimeout(done, wait));
      if (signal.aborted) throw new Refused("");
      if (performance.now() - began > LONG_MS) {
        this.says(say("時間がかかっています。このままお待ちください。", "It takes longer than usual. Please wait."));
      }
      part = await this.fetched(part.dataset["poll"] ?? "", { signal });
    }
    return part;
  }

  private async fetched(url: string, options: RequestInit): Promise<HTMLElement> {
    const headers = { "X-What-If": "1", "X-CSRFToken": csrfToken() };
    const answer = await fetch(url, { credentials: "same-origin", ...options, headers });
    const text = await answer.text();
    if (answer.status === 422) throw new Refused(text);
    if (!answer.ok) throw new Error(plainWords(answer.status));
    const part = new DOMParser().parseFromString(text, "text/html").querySelector<HTMLElement>("#what-if-answer");
    // The log-in page, most likely.
    if (!part) throw new Error(plainWords(401));
    return part;
  }

  private show(part: HTMLElement): void {
    this.answer().replaceWith(part);
    this.says(part.dataset["says"] ?? "");
    this.wrong("");
    if (part.dataset["link"]) history.replaceState(null, "", part.dataset["link"]);
  }

  private failed(error: unknown): void {
    this.busy(false);
    this.says("");
    if (error instanceof Refused) {
      const part = new DOMParser().parseFromString(error.part, "text/html").querySelector(".what-if-error");
      this.wrong(part?.textContent ?? "");
    } else this.wrong(error instanceof Error && error.name === "Error" ? error.message : plainWords(0));
  }

  /** Below the number that is wrong: the foot of the sliders may be far out of sight. */
  private wrong(words: string): void {
    const place = this.querySelector(".what-if-error-place");
    if (!place) return;
    place.replaceChildren();
    if (!words) return;
    this.querySelector(".what-if-knob:has(.input:invalid)")?.append(place);
    const line = document.createElement("p");
    line.className = "what-if-error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    place.append(line);
  }
}

customElements.define("what-if-board", WhatIfBoard);
