/**
 * `<desk-lock account="17">`: one active desk for a person (pains 10).
 *
 * Two guards, each for what the other cannot see. Between tabs of one browser: a Web Lock, which the
 * browser itself frees when a tab dies. Between computers: a desk token that the server knows. A tab that
 * is not the active one runs no phone, says so, and offers to take over.
 */

import { everySecond } from "./heart";
import type { MadoPhone } from "./mado-phone";
import { postJson, ServerRefused } from "./server";

export type DeskPlace = "waiting" | "active" | "elsewhere";

const BEAT_EVERY_S = 2;
const TOKEN_KEY = "madoguchi.desk";

interface BeatAnswer {
  active: boolean;
}

/** The token of this tab: kept over a reload, so that the desk comes back as itself. */
function deskToken(fresh: boolean): string {
  const known = fresh ? null : sessionStorage.getItem(TOKEN_KEY);
  const token = known ?? randomToken();
  sessionStorage.setItem(TOKEN_KEY, token);
  return token;
}

/** A random UUID (RFC 9562, version 4); crypto.randomUUID is missing on pages without https. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class DeskLock extends HTMLElement {
  private desk = "";
  private release: (() => void) | null = null;
  private stopTicks: () => void = () => {};
  private seconds = 0;
  private beating = false;
  private readonly channel = new BroadcastChannel("madoguchi-desk");
  private readonly undo: Array<() => void> = [];

  get place(): DeskPlace {
    return (this.getAttribute("place") as DeskPlace | null) ?? "waiting";
  }

  connectedCallback(): void {
    this.become("waiting", "");
    const listen = (target: EventTarget, type: string, act: (event: Event) => void): void => {
      target.addEventListener(type, act);
      this.undo.push(() => target.removeEventListener(type, act));
    };
    listen(document, "click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-desk-take-over]")) void this.claim(true);
    });
    for (const name of ["phone-ready", "phone-unreachable", "phone-talking", "phone-ended", "phone-trouble"]) {
      listen(document, name, (event) => void this.beat(reasonOf(event)));
    }
    listen(window, "pagehide", () => void this.beat("leaving"));
    listen(document, "visibilitychange", () => void this.beat("visible"));
    // Without locks (an old browser) a take-over in another tab is heard here.
    this.channel.addEventListener("message", (event: MessageEvent<{ account: string; desk: string }>) => {
      if (event.data.account === this.account && event.data.desk !== this.desk) this.lose("another_tab");
    });
    void this.claim(false);
  }

  disconnectedCallback(): void {
    for (const act of this.undo.splice(0)) act();
    this.stopTicks();
    this.release?.();
    this.channel.close();
  }

  private get account(): string {
    return this.getAttribute("account") ?? "";
  }

  /** Asks the browser, then the server; with `takeOver` the one who has it loses it. */
  async claim(takeOver: boolean): Promise<void> {
    if (this.place === "active") return;
    if (!(await this.lock(takeOver))) {
      this.become("elsewhere", "another_tab");
      return;
    }
    // A tab made by duplicating has its original's token; only the holder of the lock may keep it.
    this.desk = deskToken(takeOver);
    try {
      await postJson(this.url("take-over"), { desk: this.desk, force: takeOver });
    } catch (error) {
      this.notClaimed(error);
      return;
    }
    this.channel.postMessage({ account: this.account, desk: this.desk });
    this.become("active", "");
    this.stopTicks();
    this.stopTicks = everySecond(() => this.tick());
  }

  private notClaimed(error: unknown): void {
    if (error instanceof ServerRefused && error.status === 409) {
      this.release?.();
      this.become("elsewhere", "another_computer");
      return;
    }
    // The server is away: stay as we are and ask again; nothing is claimed yet.
    this.become("waiting", "server_unreachable");
    this.release?.();
    setTimeout(() => void this.claim(false), 2000);
  }

  /** Holds the browser's lock until released or stolen. */
  private lock(steal: boolean): Promise<boolean> {
    if (!("locks" in navigator)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const options: LockOptions = steal ? { steal: true } : { ifAvailable: true };
      const held = (lock: Lock | null): Promise<void> | undefined => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise<void>((release) => { this.release = release; });
      };
      navigator.locks.request(`madoguchi-desk-${this.account}`, options, held).catch((error: unknown) => {
        if (error instanceof DOMException && error.name === "AbortError") this.lose("another_tab");
        else throw error;
      });
    });
  }

  private url(verb: "take-over" | "beat"): string {
    return this.getAttribute(`${verb}-src`) ?? `/desk/${verb}`;
  }

  private phone(): MadoPhone | null {
    return document.querySelector<MadoPhone>("mado-phone");
  }

  private tick(): void {
    this.seconds += 1;
    if (this.seconds % BEAT_EVERY_S === 0) void this.beat("");
  }

  /** Tells the server that this desk lives, and what of its phone. */
  private async beat(reason: string): Promise<void> {
    if (this.place !== "active" || (this.beating && reason === "")) return;
    this.beating = true;
    const phone = this.phone();
    const body = {
      desk: this.desk,
      phone_registered: phone?.registered ?? false,
      in_call: phone?.inCall ?? false,
      call: phone?.call?.call ?? null,
      microphone_ok: phone?.microphoneOk ?? false,
      visible: document.visibilityState === "visible",
      reason,
    };
    try {
      const answer = await postJson<BeatAnswer | null>(this.url("beat"), body, { keepalive: true, signal: AbortSignal.timeout(4000) });
      if (answer?.active === false) this.lose("another_computer");
    } catch (error) {
      // A missed beat is what the server counts; here it only shows, and the phone goes on.
      if (error instanceof ServerRefused && error.status === 409) this.lose("another_computer");
      else this.dispatchEvent(new CustomEvent("desk-beat-missed", { bubbles: true }));
    } finally {
      this.beating = false;
    }
  }

  private lose(where: string): void {
    if (this.place !== "active") return;
    this.stopTicks();
    this.release?.();
    this.phone()?.vanish();
    this.become("elsewhere", where);
  }

  /** Shows `data-desk="active|elsewhere|waiting"` parts of the page, and tells it. */
  private become(place: DeskPlace, where: string): void {
    this.setAttribute("place", place);
    this.setAttribute("where", where);
    for (const part of document.querySelectorAll<HTMLElement>("[data-desk]")) part.hidden = part.dataset["desk"] !== place;
    this.dispatchEvent(new CustomEvent(`desk-${place}`, { bubbles: true, detail: { where } }));
    if (place === "active" && this.phone()?.hasAttribute("start-with-desk")) void this.phone()?.start();
  }
}

function reasonOf(event: Event): string {
  const detail: unknown = event instanceof CustomEvent ? event.detail : null;
  const fields = (typeof detail === "object" && detail !== null ? detail : {}) as Record<string, unknown>;
  const why = fields["code"] ?? fields["ending"];
  return typeof why === "string" ? `${event.type}:${why}` : event.type;
}
