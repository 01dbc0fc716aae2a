/** Which microphone, speaker and ringer: remembered on this computer, by id and by name. */

export type Use = "microphone" | "speaker" | "ringer";

export interface Device {
  id: string;
  name: string;
}

interface Chosen {
  id: string;
  name: string;
}

const KIND: Record<Use, MediaDeviceKind> = { microphone: "audioinput", speaker: "audiooutput", ringer: "audiooutput" };

export async function devicesFor(use: Use): Promise<Device[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === KIND[use] && device.deviceId !== "")
    .map((device) => ({ id: device.deviceId, name: device.label || device.deviceId.slice(0, 6) }));
}

function storageKey(use: Use): string {
  return `madoguchi.phone.${use}`;
}

export function remember(use: Use, device: Device): void {
  localStorage.setItem(storageKey(use), JSON.stringify(device));
}

export function remembered(use: Use): Chosen | null {
  const stored = localStorage.getItem(storageKey(use));
  if (stored === null) return null;
  try {
    return JSON.parse(stored) as Chosen;
  } catch {
    localStorage.removeItem(storageKey(use));
    return null;
  }
}

/** The remembered device if it is plugged in: by id, else by name (ids change with the site's data). */
export function pick(devices: Device[], chosen: Chosen | null): Device | null {
  if (chosen === null) return null;
  return devices.find((device) => device.id === chosen.id) ?? devices.find((device) => device.name === chosen.name) ?? null;
}

export async function deviceId(use: Use): Promise<string> {
  return pick(await devicesFor(use), remembered(use))?.id ?? "";
}

/** Sends an element's or context's sound to a device; browsers without the choice play on the default. */
export async function route(target: { setSinkId?(id: string): Promise<void> }, id: string): Promise<void> {
  if (!target.setSinkId) return;
  try {
    await target.setSinkId(id);
  } catch (error) {
    if (id === "") throw error;
    await target.setSinkId("");
  }
}
