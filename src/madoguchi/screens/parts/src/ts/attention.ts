/** Calls the person to the desk: the tab's title flashes, and the system shows a notification. */

export class Attention {
  private title = "";
  private timer: ReturnType<typeof setInterval> | undefined;
  private notification: Notification | null = null;

  /** To be asked on a press, when the phone is switched on; a refusal is remembered by the browser. */
  static async ask(): Promise<void> {
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }

  start(words: string, detail: string): void {
    this.stop();
    this.title = document.title;
    let on = false;
    const flash = (): void => {
      on = !on;
      document.title = on ? `● ${words}` : this.title;
    };
    flash();
    this.timer = setInterval(flash, 700);
    this.notify(words, detail);
  }

  private notify(words: string, detail: string): void {
    if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
    this.notification = new Notification(words, { body: detail, tag: "madoguchi-call", requireInteraction: true, silent: true });
    this.notification.addEventListener("click", () => {
      window.focus();
      this.notification?.close();
    });
  }

  stop(): void {
    if (this.timer !== undefined) {
      clearInterval(this.timer);
      this.timer = undefined;
      document.title = this.title;
    }
    this.notification?.close();
    this.notification = null;
  }
}
