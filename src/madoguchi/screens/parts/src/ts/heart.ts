/** One tick a second, also in the background. */

// Known only while the script loads; in unit tests there is no document at all.
const here = (globalThis.document?.currentScript as HTMLScriptElement | null | undefined)?.src ?? "";

export function everySecond(act: () => void): () => void {
  if (here && "Worker" in window) {
    const worker = new Worker(new URL("ticker.js", here));
    worker.addEventListener("message", act);
    return () => worker.terminate();
  }
  const timer = setInterval(act, 1000);
  return () => clearInterval(timer);
}
