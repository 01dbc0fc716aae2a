/** The open microphone: held while the phone is on, so that answering waits for nothing; its level is watched. */

import { deviceId } from "./devices";
import { microphoneTrouble, type TroubleCode } from "./phone-words";

export interface MicrophoneOptions {
  /** Off only in tests: the browser's processing changes test tones. */
  echoCancellation: boolean;
}

export class MicrophoneFailed extends Error {
  constructor(readonly code: TroubleCode) {
    super(code);
  }
}

export class Microphone {
  stream: MediaStream | null = null;
  level = 0;
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly options: MicrophoneOptions,
    private readonly onLevel: (level: number, silent: boolean) => void,
    private readonly onLost: () => void,
    /** The headset or the system muted it (true), or no longer (false): nothing comes in, whoever speaks. */
    private readonly onSilenced: (silenced: boolean) => void,
  ) {}

  get ok(): boolean {
    return this.stream?.getAudioTracks().some((track) => track.readyState === "live") ?? false;
  }

  /** Opens the remembered microphone, or the system's own. Raises MicrophoneFailed. */
  async open(): Promise<MediaStream> {
    if (!window.isSecureContext || !navigator.mediaDevices) throw new MicrophoneFailed("insecure_page");
    const before = this.stream;
    this.stream = await this.ask(await deviceId("microphone"));
    this.stop(before);
    const track = this.stream.getAudioTracks()[0];
    track?.addEventListener("ended", () => {
      if (this.stream?.getAudioTracks()[0] === track) this.onLost();
    });
    track?.addEventListener("mute", () => this.onSilenced(true));
    track?.addEventListener("unmute", () => this.onSilenced(false));
    if (track?.muted) this.onSilenced(true);
    this.watch(this.stream);
    return this.stream;
  }

  private async ask(id: string): Promise<MediaStream> {
    const cleaned = this.options.echoCancellation;
    const audio: MediaTrackConstraints = { echoCancellation: cleaned, noiseSuppression: cleaned, autoGainControl: cleaned };
    if (id) audio.deviceId = { exact: id };
    try {
      return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      // A remembered device may have gone between the list and the request.
      if (id && error instanceof DOMException && error.name === "OverconstrainedError") return this.ask("");
      throw new MicrophoneFailed(microphoneTrouble(error));
    }
  }

  private watch(stream: MediaStream): void {
    void this.context?.close();
    clearInterval(this.timer);
    this.context = new AudioContext();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    this.context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.timer = setInterval(() => this.measure(analyser, samples), 100);
  }

  private measure(analyser: AnalyserNode, samples: Float32Array<ArrayBuffer>): void {
    if (this.context?.state !== "running") {
      void this.context?.resume();
      return;
    }
    analyser.getFloatTimeDomainData(samples);
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    this.level = loudness(peak);
    // Measured silence is no alarm: with noise suppression a quiet room is exactly zero.
    this.onLevel(this.level, this.stream?.getAudioTracks()[0]?.muted ?? true);
  }

  close(): void {
    clearInterval(this.timer);
    void this.context?.close();
    this.context = null;
    this.stop(this.stream);
    this.stream = null;
    this.level = 0;
  }

  private stop(stream: MediaStream | null): void {
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
}

/** A peak (0–1) as a bar (0–1) that moves like hearing: −50 dB is the left end. */
export function loudness(peak: number): number {
  if (peak <= 0) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(peak)) / 50));
}
