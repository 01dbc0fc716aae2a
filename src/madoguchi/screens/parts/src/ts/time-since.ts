import { exactTime, runningClock, timeAgo } from "./clock";
import { serverNow } from "./server-clock";
import { language } from "./words";

const living = new Set<TimeSince>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  for (const element of living) element.draw();
}

/**
 * `<time-since at="…Z">` a running clock from then; `until="…Z"` counts down to then;
 * `form="ago"` says 3分前 / 昨日 14:05. `soon-after` and `hurt-after` (seconds) set data-tone.
 * One timer serves all of them.
 */
export class TimeSince extends HTMLElement {
  static observedAttributes = ["at", "until", "form", "soon-after", "hurt-after"];

  // A morphed fragment empties its clocks: they are written again before the next frame.
  private readonly emptied = new MutationObserver(() => { if (!this.firstChild) this.draw(); });

  connectedCallback(): void {
    living.add(this);
    this.emptied.observe(this, { childList: true });
    timer ??= setInterval(tick, 1000);
    this.draw();
  }

  disconnectedCallback(): void {
    living.delete(this);
    this.emptied.disconnect();
    if (living.size === 0 && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  }

  attributeChangedCallback(): void {
    if (this.isConnected) this.draw();
  }

  draw(): void {
    const until = this.getAttribute("until");
    const at = new Date(until ?? this.getAttribute("at") ?? "");
    if (Number.isNaN(at.getTime())) return;
    const now = serverNow();
    const span = ((until ? at.getTime() - now.getTime() : now.getTime() - at.getTime())) / 1000;
    const words = this.getAttribute("form") === "ago"
      ? timeAgo(at, now, language())
      : until && span < 0 ? `+${runningClock(-span, language())}` : runningClock(span, language());
    if (this.textContent !== words) this.textContent = words;
    if (!this.title) this.title = exactTime(at, language());
    this.tone(until ? -span : span);
  }

  private tone(span: number): void {
    const limit = (name: string): number => Number(this.getAttribute(name) ?? Infinity);
    const tone = span >= limit("hurt-after") ? "hurt" : span >= limit("soon-after") ? "soon" : null;
    if (tone === (this.dataset["tone"] ?? null)) return;
    if (tone) this.dataset["tone"] = tone;
    else delete this.dataset["tone"];
  }
}
