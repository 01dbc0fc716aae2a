/**
 * `<mado-phone src="/desk/phone.json">`: the operator's telephone in the browser.
 *
 * It decides nothing. The switch rings it (`phone-ringing`), connects it at once when the INVITE says
 * `X-Madoguchi-Auto: 1`, and takes the call away; hold and transfer are commands to the server.
 * Attributes, methods and events: PHONE.md.
 */

import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRequest } from "jssip/lib/SIPMessage";

import { Attention } from "./attention";
import { deviceId, devicesFor, remember, type Device, type Use } from "./devices";
import { bindKey } from "./keys";
import { Microphone, MicrophoneFailed } from "./microphone";
import { PhoneCall, type Ending } from "./phone-call";
import { troubleWords, type TroubleCode } from "./phone-words";
import { Ringer } from "./ringer";
import { fetchJson } from "./server";
import { SipLine } from "./sip-line";
import type { Credentials } from "./sip-socket";
import { say } from "./words";

export type PhoneState = "off" | "starting" | "ready" | "unreachable" | "ringing" | "talking";

/** What the INVITE says of the call; ids are the server's, null when the header is missing. */
export interface RingingCall {
  call: string | null;
  offer: string | null;
  auto: boolean;
}

export class MadoPhone extends HTMLElement {
  private line: SipLine | null = null;
  private current: PhoneCall | null = null;
  private facts: RingingCall | null = null;
  private readonly ringer = new Ringer();
  private readonly attention = new Attention();
  private microphone: Microphone | null = null;
  private unbind: Array<() => void> = [];
  private isMuted = false;
  private lineTrouble: TroubleCode | null = null;
  /** The person wants the phone on: a microphone that comes back switches it on. */
  private wanted = false;

  get state(): PhoneState {
    return (this.getAttribute("state") as PhoneState | null) ?? "off";
  }

  get call(): RingingCall | null {
    return this.facts;
  }

  get registered(): boolean {
    return this.line?.registered ?? false;
  }

  get microphoneOk(): boolean {
    return this.microphone?.ok ?? false;
  }

  get muted(): boolean {
    return this.isMuted;
  }

  get inCall(): boolean {
    return this.state === "talking";
  }

  /** The caller's sound, for tests and meters. */
  get remoteStream(): MediaStream | null {
    return this.current?.remoteStream ?? null;
  }

  get connection(): RTCPeerConnection | null {
    return this.current?.connection ?? null;
  }

  connectedCallback(): void {
    const listen = (target: EventTarget, type: string, act: (event: Event) => void): void => {
      target.addEventListener(type, act);
      this.unbind.push(() => target.removeEventListener(type, act));
    };
    listen(document, "click", (event) => this.pressed(event));
    // Only on a press may a page ask whether it may show notifications.
    listen(document, "pointerdown", () => {
      if (this.line) void Attention.ask();
    });
    listen(window, "online", () => this.networkChanged());
    listen(window, "beforeunload", (event) => {
      if (this.inCall) event.preventDefault();
    });
    if (navigator.mediaDevices) listen(navigator.mediaDevices, "devicechange", () => void this.devicesChanged());
    this.unbind.push(
      bindKey("F2", say("応答", "Answer"), () => this.answer()),
      bindKey("F8", say("ミュート", "Mute"), () => this.mute()),
      bindKey("Shift+F2", say("切る", "Hang up"), () => this.hangUp()),
    );
    this.become("off");
    if (this.hasAttribute("auto-start")) void this.start();
  }

  disconnectedCallback(): void {
    for (const undo of this.unbind) undo();
    this.unbind = [];
    this.stop();
  }

  /** Switches the phone on: microphone first, then the registration. Never throws; says what is wrong. */
  async start(): Promise<boolean> {
    if (this.line || this.state === "starting") return this.line !== null;
    this.wanted = true;
    this.become("starting");
    if (!(await this.checkMicrophone())) {
      this.become("off");
      return false;
    }
    if (!(await this.ringer.prepare())) this.soundBlocked();
    try {
      const credentials = await this.credentials();
      this.line = new SipLine(credentials, () => this.credentials(), {
        registered: () => this.registrationUp(),
        unreachable: (code) => this.unreachable(code),
        incoming: (session, request) => this.incoming(session, request),
      });
    } catch {
      this.become("off");
      this.trouble("no_credentials");
      return false;
    }
    this.line.start();
    return true;
  }

  private credentials(): Promise<Credentials> {
    return fetchJson<Credentials>(this.getAttribute("src") ?? "/desk/phone.json");
  }

  /** Switches off; a call under way is hung up. */
  stop(): void {
    this.wanted = false;
    this.current?.hangUp();
    this.line?.stop();
    this.close();
  }

  /** Leaves without hanging up: another desk takes the call over, and the server holds the customer. */
  vanish(): void {
    this.wanted = false;
    const call = this.current;
    this.current = null;
    this.line?.vanish();
    call?.end("elsewhere");
    this.close();
  }

  private close(): void {
    this.line = null;
    this.microphone?.close();
    this.microphone = null;
    this.quiet();
    this.ringer.close();
    this.become("off");
  }

  /** Opens the microphone anew; false and a `phone-trouble` when it cannot be used. */
  async checkMicrophone(): Promise<boolean> {
    this.microphone ??= new Microphone(
      { echoCancellation: !this.hasAttribute("no-echo-cancellation") },
      (level, silent) => this.tell("phone-level", { level, silent, muted: this.isMuted }),
      () => this.trouble("microphone_lost"),
      (silenced) => silenced ? this.trouble("microphone_silent") : this.tell("phone-mended", { code: "microphone_silent" }),
    );
    try {
      const stream = await this.microphone.open();
      await this.current?.useMicrophone(stream, this.isMuted);
      this.tell("phone-microphone", { ok: true });
      return true;
    } catch (error) {
      if (!(error instanceof MicrophoneFailed)) throw error;
      this.trouble(error.code);
      return false;
    }
  }

  devices(use: Use): Promise<Device[]> {
    return devicesFor(use);
  }

  chosen(use: Use): Promise<string> {
    return deviceId(use);
  }

  async choose(use: Use, device: Device): Promise<void> {
    remember(use, device);
    if (use === "microphone") await this.checkMicrophone();
    if (use === "speaker") await this.current?.useSpeaker();
    if (use === "ringer") await this.ringer.prepare();
  }

  /** Rings for one period, so that the person hears where it rings. */
  async testRing(): Promise<void> {
    if (!(await this.ringer.prepare())) this.soundBlocked();
    this.ringer.start();
    setTimeout(() => {
      if (this.state !== "ringing") this.ringer.stop();
    }, 1200);
  }

  private async devicesChanged(): Promise<void> {
    this.tell("phone-devices", {});
    if (this.microphone && !this.microphone.ok) await this.check();
  }

  /** Tries the microphone again, and what waited for it. */
  private async check(): Promise<void> {
    if (this.wanted && !this.line) await this.start();
    else await this.checkMicrophone();
  }

  private networkChanged(): void {
    this.line?.reconnect();
    // Sent only when the new connection is registered: see `registrationUp`.
    this.current?.restartIce();
  }

  private registrationUp(): void {
    this.lineTrouble = null;
    if (this.state === "starting" || this.state === "unreachable") this.become("ready");
    this.tell("phone-ready", {});
    this.current?.signalBack();
  }

  private unreachable(code: TroubleCode): void {
    // Said once for each outage, and a call under way stays what it is: its sound does not pass here.
    if (this.lineTrouble === code) return;
    this.lineTrouble = code;
    if (!this.current) this.become("unreachable");
    this.tell("phone-unreachable", { code, message: troubleWords(code) });
  }

  private incoming(session: RTCSession, request: IncomingRequest): void {
    const stream = this.microphone?.stream;
    if (this.current || !stream || !this.microphone?.ok) {
      session.terminate({ status_code: this.current ? 486 : 480 });
      return;
    }
    const header = (name: string): string | null => (request.getHeader(name) as string | undefined) ?? null;
    this.facts = {
      call: header("X-Madoguchi-Call"), offer: header("X-Madoguchi-Offer"), auto: header("X-Madoguchi-Auto") === "1",
    };
    this.current = this.follow(session, stream.clone());
    this.isMuted = false;
    if (this.facts.auto) this.connectAtOnce();
    else this.ring(this.facts);
  }

  private follow(session: RTCSession, stream: MediaStream): PhoneCall {
    const call: PhoneCall = new PhoneCall(session, stream, {
      talking: () => this.talking(),
      ended: (ending) => this.ended(call, ending),
      mediaBroken: (broken) => this.mediaBroken(broken),
      soundBlocked: () => this.soundBlocked(),
      canSignal: () => this.registered,
    });
    return call;
  }

  private ring(facts: RingingCall): void {
    this.become("ringing");
    this.ringer.start();
    this.attention.start(say("着信", "Incoming call"), say("窓口 Madoguchi", "Madoguchi"));
    this.tell("phone-ringing", facts);
  }

  private connectAtOnce(): void {
    this.ringer.beep();
    this.current?.answer(this.line?.credentials.ice_servers ?? []);
  }

  /** Names who rings, as soon as the story has come: title and notification say it. */
  announce(words: string, detail: string): void {
    if (this.state === "ringing") this.attention.start(words, detail);
  }

  answer(): void {
    if (this.state !== "ringing") return;
    this.quiet();
    this.tell("phone-answering", this.facts ?? {});
    this.current?.answer(this.line?.credentials.ice_servers ?? []);
  }

  private talking(): void {
    this.quiet();
    this.become("talking");
    this.tell("phone-talking", this.facts ?? {});
  }

  /** Turns muting on or off; without an argument the other way. */
  mute(on: boolean = !this.isMuted): void {
    if (!this.inCall) return;
    this.isMuted = on;
    this.current?.setMuted(on);
    this.toggleAttribute("muted", on);
    this.draw();
    this.tell("phone-muted", { muted: on });
  }

  sendKey(key: string): void {
    this.current?.sendKey(key);
  }

  hangUp(): void {
    if (this.inCall) this.current?.hangUp();
  }

  private ended(call: PhoneCall, ending: Ending): void {
    if (this.current !== null && this.current !== call) return;
    const facts = this.facts;
    this.current = null;
    this.facts = null;
    this.isMuted = false;
    this.removeAttribute("muted");
    this.quiet();
    if (this.line) this.become(this.registered ? "ready" : "unreachable");
    this.tell("phone-ended", { ...facts, ending });
  }

  private mediaBroken(broken: boolean): void {
    if (broken) this.trouble("media_lost");
    else this.tell("phone-mended", { code: "media_lost" });
  }

  private soundBlocked(): void {
    this.trouble("sound_blocked");
    document.addEventListener("pointerdown", () => {
      void this.ringer.prepare();
      void this.current?.sound.play();
      this.tell("phone-mended", { code: "sound_blocked" });
    }, { once: true });
  }

  private quiet(): void {
    this.ringer.stop();
    this.attention.stop();
  }

  private trouble(code: TroubleCode): void {
    this.tell("phone-trouble", { code, message: troubleWords(code) });
  }

  /** `data-phone="answer"` on any button of the page works this phone. */
  private pressed(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-phone]") : null;
    const [verb, value] = (button?.dataset["phone"] ?? "").split(" ");
    if (verb === "answer") this.answer();
    else if (verb === "mute") this.mute();
    else if (verb === "hang-up") this.hangUp();
    else if (verb === "key") this.sendKey(value ?? "");
    else if (verb === "start") void this.start();
    else if (verb === "check") void this.check();
    else if (verb === "test-ring") void this.testRing();
  }

  private become(state: PhoneState): void {
    this.setAttribute("state", state);
    this.draw();
    this.tell("phone-state", { state });
  }

  /** Shows what belongs to the state: `data-phone-when="ringing talking"`, and who is pressed. */
  private draw(): void {
    for (const element of document.querySelectorAll<HTMLElement>("[data-phone-when]")) {
      element.hidden = !(element.dataset["phoneWhen"] ?? "").split(" ").includes(this.state);
    }
    for (const button of document.querySelectorAll<HTMLElement>('[data-phone="mute"]')) {
      button.setAttribute("aria-pressed", String(this.isMuted));
    }
  }

  private tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}
