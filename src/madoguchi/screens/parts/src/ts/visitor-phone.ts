/**
 * `<visitor-phone src="/portal/phone.json" number="0312345678" shown="03-1234-5678">`: in the demonstration
 * the visitor is the customer. One button calls; status, keypad, hang up. Credentials serve one call.
 */

import { runningClock } from "./clock";
import { Microphone, MicrophoneFailed } from "./microphone";
import { PhoneCall, type Ending } from "./phone-call";
import { troubleWords } from "./phone-words";
import { fetchJson, postJson } from "./server";
import { SipLine } from "./sip-line";
import type { Credentials } from "./sip-socket";
import { say } from "./words";

/** What the server gives for one call: whom to call, and headers that tell the call apart. */
interface VisitorCredentials extends Credentials {
  target: string;
  headers?: string[];
}

type VisitorState = "idle" | "starting" | "calling" | "talking";

const ENDING: Record<Ending, () => string> = {
  hung_up: () => say("電話を切りました。", "You hung up."),
  far_end: () => say("電話が切れました。", "The call has ended."),
  cancelled: () => say("電話を切りました。", "You hung up."),
  elsewhere: () => say("電話が切れました。", "The call has ended."),
  refused: () => say("つながりませんでした。もう一度おかけください。", "The call was not put through. Please call again."),
  busy: () => say("話し中です。", "The line is busy."),
  media_lost: () => say("音声が途切れたため、電話が切れました。", "The sound was lost and the call ended."),
  failed: () => say("つながりませんでした。もう一度おかけください。", "The call was not put through. Please call again."),
};

export class VisitorPhone extends HTMLElement {
  private line: SipLine | null = null;
  private call: PhoneCall | null = null;
  private microphone: Microphone | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  get state(): VisitorState {
    return (this.getAttribute("state") as VisitorState | null) ?? "idle";
  }

  get remoteStream(): MediaStream | null {
    return this.call?.remoteStream ?? null;
  }

  connectedCallback(): void {
    this.build();
    this.become("idle", say("マイクを使います。ボタンを押すと電話がかかります。", "Uses your microphone. Press the button to call."));
    this.addEventListener("click", (event) => this.pressed(event));
    window.addEventListener("pagehide", () => this.finish());
  }

  disconnectedCallback(): void {
    this.finish();
  }

  private build(): void {
    const keys = [..."123456789*0#"].map((key) => `<button type="button" data-digit="${key}">${key}</button>`).join("");
    this.innerHTML = `<div class="visitor">
      <div class="visitor-number phone-number"></div>
      <p class="visitor-word" role="status" aria-live="polite"></p>
      <div class="visitor-clock" aria-hidden="true"></div>
      <div class="keypad" inert>${keys}</div>
      <button type="button" class="btn btn-round btn-answer" data-does="call"></button>
      <button type="button" class="btn btn-round btn-danger" data-does="hang-up" hidden></button>
    </div>`;
    this.piece(".visitor-number").textContent = this.getAttribute("shown") ?? this.getAttribute("number") ?? "";
    this.piece('[data-does="call"]').textContent = say("かける", "Call");
    this.piece('[data-does="hang-up"]').textContent = say("切る", "Hang up");
    this.piece(".keypad").setAttribute("aria-label", say("番号ボタン", "Keypad"));
  }

  private piece(selector: string): HTMLElement {
    const found = this.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`visitor-phone has lost its ${selector}`);
    return found;
  }

  private pressed(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    if (button?.dataset["does"] === "call") void this.start();
    else if (button?.dataset["does"] === "hang-up") this.call ? this.call.hangUp() : this.finish();
    else if (button?.dataset["digit"]) this.sendKey(button.dataset["digit"]);
  }

  sendKey(key: string): void {
    this.call?.sendKey(key);
  }

  async start(): Promise<void> {
    if (this.state !== "idle") return;
    this.become("starting", say("準備しています…", "Getting ready…"));
    try {
      this.microphone = new Microphone({ echoCancellation: !this.hasAttribute("no-echo-cancellation") }, () => {}, () => {}, () => {});
      const stream = await this.microphone.open();
      await this.connect(stream);
    } catch (error) {
      this.finish();
      this.become("idle", error instanceof MicrophoneFailed ? troubleWords(error.code)
        : error instanceof Error && error.message ? error.message : troubleWords("no_credentials"));
    }
  }

  private async connect(stream: MediaStream): Promise<void> {
    const source = this.getAttribute("src") ?? "/portal/phone.json";
    const ask = (): Promise<VisitorCredentials> => this.hasAttribute("src-get")
      ? fetchJson<VisitorCredentials>(source)
      : postJson<VisitorCredentials>(source, { number: this.getAttribute("number") });
    const credentials = await ask();
    this.line = new SipLine(credentials, ask, {
      registered: () => this.dial(credentials, stream),
      unreachable: () => this.unreachable(),
      incoming: (session) => session.terminate({ status_code: 486 }),
    }, false);
    this.line.start();
  }

  private dial(credentials: VisitorCredentials, stream: MediaStream): void {
    if (this.call || !this.line) return;
    this.become("calling", say("呼び出しています…", "Calling…"));
    const session = this.line.call(credentials.target, stream.clone(), credentials.headers ?? []);
    this.call = new PhoneCall(session, stream, {
      talking: () => this.talking(),
      ended: (ending) => this.ended(ending),
      mediaBroken: (broken) => this.word(broken ? troubleWords("media_lost") : say("通話中", "Connected")),
      soundBlocked: () => this.word(troubleWords("sound_blocked")),
      canSignal: () => this.line?.registered ?? false,
    });
  }

  private unreachable(): void {
    if (this.call) return;
    this.finish();
    this.become("idle", say("電話サーバーにつながりません。少し待ってもう一度お試しください。",
      "The telephone server is out of reach. Wait a little and try again."));
  }

  private talking(): void {
    const since = Date.now();
    this.become("talking", say("通話中", "Connected"));
    this.timer = setInterval(() => { this.piece(".visitor-clock").textContent = runningClock((Date.now() - since) / 1000); }, 500);
  }

  private ended(ending: Ending): void {
    this.call = null;
    this.finish();
    this.become("idle", ENDING[ending]());
    this.dispatchEvent(new CustomEvent("visitor-ended", { bubbles: true, detail: { ending } }));
  }

  private finish(): void {
    clearInterval(this.timer);
    const call = this.call;
    this.call = null;
    call?.hangUp();
    this.line?.stop();
    this.line = null;
    this.microphone?.close();
    this.microphone = null;
  }

  private word(words: string): void {
    this.piece(".visitor-word").textContent = words;
  }

  private become(state: VisitorState, words: string): void {
    this.setAttribute("state", state);
    this.word(words);
    if (state === "idle") this.piece(".visitor-clock").textContent = "";
    this.piece('[data-does="call"]').hidden = state !== "idle";
    this.piece('[data-does="hang-up"]').hidden = state === "idle";
    // It keeps its place, so that the button under it never moves away from the finger.
    this.piece(".keypad").inert = state !== "talking" && state !== "calling";
    this.dispatchEvent(new CustomEvent("visitor-state", { bubbles: true, detail: { state } }));
  }
}
