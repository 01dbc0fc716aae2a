/** `<late-since at="…Z">`: how long until a promise falls due, or how long it is overdue. Minutes, hours, days. */

import { serverNow } from "../../parts/src/ts/server-clock";
import { say } from "../../parts/src/ts/words";

const EVERY_MS = 20_000;

/** A span in the coarsest unit that still tells something: 25分, 18時間, 3日. Pure. */
export function coarse(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes < 60) return say(`${minutes}分`, `${minutes} min`);
  if (minutes < 48 * 60) return say(`${Math.floor(minutes / 60)}時間`, `${Math.floor(minutes / 60)} h`);
  return say(`${Math.floor(minutes / 1440)}日`, `${Math.floor(minutes / 1440)} days`);
}

export class LateSince extends HTMLElement {
  private timer: ReturnType<typeof setInterval> | undefined;
  // A morphed fragment empties its elements: write again before the next frame.
  private readonly emptied = new MutationObserver(() => { if (!this.firstChild) this.draw(); });

  connectedCallback(): void {
    this.draw();
    this.emptied.observe(this, { childList: true });
    this.timer = setInterval(() => this.draw(), EVERY_MS);
  }

  disconnectedCallback(): void {
    this.emptied.disconnect();
    clearInterval(this.timer);
  }

  private draw(): void {
    const late = (serverNow().getTime() - Date.parse(this.getAttribute("at") ?? "")) / 1000;
    if (Number.isNaN(late)) return;
    this.className = late > 0 ? "hurt" : late > -3600 ? "soon" : "soft";
    this.textContent = late > 0 ? say(`▲ 超過 ${coarse(late)}`, `▲ overdue ${coarse(late)}`) : say(`あと ${coarse(late)}`, `${coarse(late)} left`);
  }
}
