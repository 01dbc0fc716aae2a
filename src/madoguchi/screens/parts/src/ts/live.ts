/**
 * One push channel per page: a snapshot, then numbered changes.
 *
 * A number that does not follow the last one, or a new connection, means that something was missed:
 * the channel is opened anew and begins with a fresh snapshot, so that what is shown is always
 * a snapshot plus all changes after it.
 */

import htmx from "htmx.org";

import { follows } from "./live-order";

/** Each section of a page has a whole state of its own; a change carries the sections that differ. */
interface LiveMessage {
  number: number;
  sections: Record<string, unknown>;
}

/** Puts a section's fragment into its reserved place; morphed, so that focus and what is being typed stay. */
function drawSection(name: string, html: string): void {
  for (const place of document.querySelectorAll(`[data-section="${CSS.escape(name)}"]`)) {
    if (place instanceof HTMLElement) void htmx.swap({ target: place, text: html, swap: "innerMorph" });
  }
}

/** More than two beats of the server (`live/stream.py`): an operator must not wait for what cannot come. */
const QUIET_LIMIT_MS = 12_000;
const RETRY_MS = [500, 1000, 2000, 4000, 8000];

export class LiveChannel {
  private source: EventSource | null = null;
  private last: number | null = null;
  private tries = 0;
  private heardAt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchTimer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly url: string) {}

  start(): void {
    this.open();
    this.watchTimer = setInterval(() => this.watch(), 1000);
    window.addEventListener("online", () => this.reopen());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.watch();
    });
    window.addEventListener("pagehide", () => this.source?.close());
  }

  private open(): void {
    this.source?.close();
    this.last = null;
    this.heardAt = Date.now();
    const source = new EventSource(this.url);
    this.source = source;
    source.addEventListener("snapshot", (event) => this.snapshot(event));
    source.addEventListener("change", (event) => this.change(event));
    source.addEventListener("beat", () => { this.heardAt = Date.now(); });
    source.addEventListener("closed", () => this.refused());
    source.addEventListener("error", () => this.broken());
  }

  private reopen(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.open();
  }

  /** A dead connection may look open for minutes after a change of network: silence tells. */
  private watch(): void {
    if (this.retry === undefined && Date.now() - this.heardAt > QUIET_LIMIT_MS) this.broken();
  }

  private broken(): void {
    this.source?.close();
    document.dispatchEvent(new CustomEvent("live-down"));
    if (this.retry !== undefined) return;
    // Spread over half a second so that a whole floor does not return in the same instant.
    const wait = (RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)] ?? 8000) + Math.random() * 500;
    this.tries += 1;
    this.retry = setTimeout(() => this.reopen(), wait);
  }

  private read(event: Event): LiveMessage {
    this.heardAt = Date.now();
    return JSON.parse((event as MessageEvent<string>).data) as LiveMessage;
  }

  private snapshot(event: Event): void {
    const message = this.read(event);
    this.last = message.number;
    this.tries = 0;
    document.dispatchEvent(new CustomEvent("live-up"));
    document.dispatchEvent(new CustomEvent("live:snapshot", { detail: message.sections }));
    this.announce(message);
  }

  private change(event: Event): void {
    const message = this.read(event);
    const follow = follows(this.last, message.number);
    if (follow === "gap") this.reopen();
    if (follow !== "take") return;
    this.last = message.number;
    document.dispatchEvent(new CustomEvent("live:change", { detail: message.sections }));
    this.announce(message);
  }

  private announce(message: LiveMessage): void {
    for (const [name, state] of Object.entries(message.sections)) {
      const { html } = (state ?? {}) as { html?: unknown };
      if (typeof html === "string") drawSection(name, html);
      document.dispatchEvent(new CustomEvent(`live:${name}`, { detail: state }));
    }
  }

  /** The log-in ended or the role changed: coming again with the same page is of no use. */
  private refused(): void {
    this.source?.close();
    clearInterval(this.watchTimer);
    document.dispatchEvent(new CustomEvent("live-refused"));
  }
}

/** Starts the page's channel when `<body data-live="/live/stream?page=floor">` asks for one. */
export function startLive(): void {
  const url = document.body.dataset["live"];
  if (!url) return;
  const line = document.querySelector<HTMLElement>(".live-line");
  document.addEventListener("live-down", () => line?.setAttribute("data-down", ""));
  // During a call the page stays: the desk says there what to do.
  document.addEventListener("live-refused", () => {
    if (document.body.dataset["phone"] === undefined) location.reload();
    else line?.setAttribute("data-down", "");
  });
  document.addEventListener("live-up", () => line?.removeAttribute("data-down"));
  new LiveChannel(url).start();
}
