/** One call in the browser: its session, its sound, and the watch over the path of the sound. */

import type { RTCSession } from "jssip/lib/RTCSession";
import { C } from "jssip";

import { deviceId, route } from "./devices";

export type Ending = "hung_up" | "far_end" | "cancelled" | "elsewhere" | "refused" | "busy" | "media_lost" | "failed";

export interface CallListener {
  talking(): void;
  ended(ending: Ending): void;
  /** The path of the sound broke (true) or is whole again (false). */
  mediaBroken(broken: boolean): void;
  soundBlocked(): void;
  /** Whether a SIP message would get through now: a re-INVITE that does not ends the session. */
  canSignal(): boolean;
}

/** Gathering goes on at most so long: one candidate of our own network is enough, STUN may never answer. */
const GATHER_MS = 500;
const GATHER_MORE_MS = 100;
const RESTART_ICE_AFTER_MS = 1500;
const GIVE_UP_AFTER_MS = 12_000;

export class PhoneCall {
  readonly sound = new Audio();
  private readonly track: MediaStreamTrack | undefined;
  private readonly stream: MediaStream;
  private peer: RTCPeerConnection | null = null;
  private timers: Array<ReturnType<typeof setTimeout>> = [];
  private over = false;
  private broken = false;
  private wantsNewPath = false;

  constructor(readonly session: RTCSession, stream: MediaStream, private readonly listener: CallListener) {
    // A clone, so that muting the call leaves the level meter alive ("you are muted, and talking").
    this.stream = stream;
    this.track = stream.getAudioTracks()[0];
    this.sound.autoplay = true;
    if (session.connection) this.watch(session.connection);
    session.on("peerconnection", (event) => this.watch(event.peerconnection));
    session.on("confirmed", () => this.listener.talking());
    session.on("ended", (event) => this.end(this.broken ? "media_lost" : event.originator === "local" ? "hung_up" : "far_end"));
    session.on("failed", (event) => this.end(endingOf(event)));
    this.gatherQuickly();
  }

  private gatherQuickly(): void {
    let chosen = false;
    this.session.on("icecandidate", ({ candidate, ready }) => {
      if (chosen) return;
      chosen = true;
      setTimeout(ready, candidate.type === "host" ? GATHER_MORE_MS : GATHER_MS);
    });
  }

  get remoteStream(): MediaStream | null {
    return this.sound.srcObject instanceof MediaStream ? this.sound.srcObject : null;
  }

  get connection(): RTCPeerConnection | null {
    return this.peer;
  }

  private watch(peer: RTCPeerConnection): void {
    if (this.peer === peer) return;
    this.peer = peer;
    peer.addEventListener("track", (event) => void this.play(event.streams[0] ?? new MediaStream([event.track])));
    peer.addEventListener("iceconnectionstatechange", () => this.pathChanged(peer.iceConnectionState));
  }

  private async play(stream: MediaStream): Promise<void> {
    this.sound.srcObject = stream;
    await this.useSpeaker();
    try {
      await this.sound.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") throw error;
      this.listener.soundBlocked();
    }
  }

  async useSpeaker(): Promise<void> {
    await route(this.sound as HTMLAudioElement & { setSinkId?(id: string): Promise<void> }, await deviceId("speaker"));
  }

  private pathChanged(path: RTCIceConnectionState): void {
    if (this.over) return;
    if (path === "connected" || path === "completed") this.mended();
    if ((path === "disconnected" || path === "failed") && !this.broken) this.breaks();
  }

  private breaks(): void {
    this.broken = true;
    this.listener.mediaBroken(true);
    this.timers.push(setTimeout(() => this.restartIce(), RESTART_ICE_AFTER_MS));
    this.timers.push(setTimeout(() => this.hangUp(), GIVE_UP_AFTER_MS));
  }

  private mended(): void {
    this.clearTimers();
    if (!this.broken) return;
    this.broken = false;
    this.listener.mediaBroken(false);
  }

  /** New candidates by a re-INVITE, as after a change from cable to wireless (RFC 8445, 9); now or when it can be sent. */
  restartIce(): void {
    this.wantsNewPath = true;
    this.signalBack();
  }

  /** The registration is back: what waited for it is sent. */
  signalBack(): void {
    // A request sent into a dead connection was lost: while the sound is broken it is repeated.
    if (!(this.wantsNewPath || this.broken) || this.over || !this.listener.canSignal()) return;
    if (!this.session.isEstablished() || !this.session.isReadyToReOffer()) return;
    this.wantsNewPath = false;
    this.session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  setMuted(muted: boolean): void {
    for (const sender of this.peer?.getSenders() ?? []) {
      if (sender.track?.kind === "audio") sender.track.enabled = !muted;
    }
    if (this.track) this.track.enabled = !muted;
  }

  async useMicrophone(stream: MediaStream, muted: boolean): Promise<void> {
    const fresh = stream.getAudioTracks()[0]?.clone();
    if (!fresh) return;
    fresh.enabled = !muted;
    for (const sender of this.peer?.getSenders() ?? []) {
      if (sender.track?.kind !== "audio") continue;
      sender.track.stop();
      await sender.replaceTrack(fresh);
    }
  }

  /** A key by RFC 4733, as the switch hears it; 0–9 * # */
  sendKey(key: string): void {
    if (!this.session.isEstablished() || !/^[0-9*#]$/.test(key)) return;
    this.session.sendDTMF(key, { transportType: C.DTMF_TRANSPORT.RFC2833, duration: 160, interToneGap: 80 });
  }

  answer(iceServers: RTCIceServer[]): void {
    if (!this.session.isInProgress()) return;
    this.session.answer({ mediaStream: this.stream, pcConfig: { iceServers, bundlePolicy: "max-bundle" } });
  }

  hangUp(): void {
    if (!this.session.isEnded()) this.session.terminate();
  }

  /** Silence here and now, whatever the far end hears of it. */
  end(ending: Ending): void {
    if (this.over) return;
    this.over = true;
    this.clearTimers();
    for (const sender of this.peer?.getSenders() ?? []) sender.track?.stop();
    this.track?.stop();
    this.sound.pause();
    this.sound.srcObject = null;
    this.listener.ended(ending);
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }
}

interface Failure {
  originator: string;
  cause: string;
  message?: { getHeader?(name: string): string | undefined } | null;
}

function endingOf(event: unknown): Ending {
  const { originator, cause, message } = event as Failure;
  // RFC 3326: the winner's answer cancels the other telephones of a group with this reason.
  const reason = message?.getHeader?.("Reason") ?? "";
  if (cause === C.causes.CANCELED) return /cause=200|answered elsewhere/i.test(reason) ? "elsewhere" : originator === "local" ? "hung_up" : "cancelled";
  if (cause === C.causes.BUSY) return "busy";
  if (cause === C.causes.REJECTED || cause === C.causes.UNAVAILABLE || cause === C.causes.NOT_FOUND) return "refused";
  return "failed";
}
