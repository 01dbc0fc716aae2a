/** The server's clock as this page knows it: office computers run minutes wrong, waits must not. */

let offsetMs = 0;

/** Learns the offset from a server time that arrived just now. Under 2 s it is network, not error. */
export function learnServerTime(iso: string | null | undefined): void {
  const server = iso ? Date.parse(iso) : NaN;
  if (Number.isNaN(server)) return;
  const difference = server - Date.now();
  offsetMs = Math.abs(difference) < 2000 ? 0 : difference;
}

export function serverNow(): Date {
  return new Date(Date.now() + offsetMs);
}
