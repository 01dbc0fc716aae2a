/** The ring, made by the browser itself on the chosen device: 400 Hz beaten at 16 Hz, one second in three. */

import { deviceId, route } from "./devices";

const RING_S = 1;
const PERIOD_MS = 3000;

export class Ringer {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private gain: GainNode | null = null;

  /** Opens the sound before the first call: a browser may want a press on the page for it. */
  async prepare(): Promise<boolean> {
    this.context ??= new AudioContext();
    await route(this.context as AudioContext & { setSinkId?(id: string): Promise<void> }, await deviceId("ringer"));
    // resume() waits for ever where the browser wants a press first, so its answer is not awaited.
    void this.context.resume();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return this.context.state === "running";
  }

  get ringing(): boolean {
    return this.timer !== undefined;
  }

  start(): void {
    if (this.ringing) return;
    void this.prepare();
    this.ring();
    this.timer = setInterval(() => this.ring(), PERIOD_MS);
  }

  /** Silent at once, also in the middle of a ring. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.gain?.disconnect();
    this.gain = null;
  }

  /** One short tone: a call that is connected without being answered begins with it. */
  beep(): void {
    this.tone(0.18, 880, 0.12, null);
  }

  private ring(): void {
    this.tone(RING_S, 400, 0.25, 16);
  }

  private tone(seconds: number, hertz: number, volume: number, beatHertz: number | null): void {
    const context = this.context;
    if (!context) return;
    const gain = context.createGain();
    const [from, to] = [context.currentTime, context.currentTime + seconds];
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(volume, from + 0.02);
    gain.gain.setValueAtTime(volume, to - 0.03);
    gain.gain.linearRampToValueAtTime(0, to);
    gain.connect(context.destination);
    const tone = this.oscillator(context, hertz, to);
    if (beatHertz === null) tone.connect(gain);
    else this.beat(context, tone, gain, { hertz: beatHertz, until: to });
    this.gain = gain;
  }

  private beat(context: AudioContext, tone: OscillatorNode, out: GainNode, beat: { hertz: number; until: number }): void {
    const depth = context.createGain();
    depth.gain.value = 0.5;
    const swing = context.createGain();
    swing.gain.value = 0.5;
    this.oscillator(context, beat.hertz, beat.until).connect(swing).connect(depth.gain);
    tone.connect(depth).connect(out);
  }

  private oscillator(context: AudioContext, hertz: number, until: number): OscillatorNode {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = hertz;
    oscillator.start();
    oscillator.stop(until);
    return oscillator;
  }

  close(): void {
    this.stop();
    void this.context?.close();
    this.context = null;
  }
}
