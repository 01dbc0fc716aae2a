/**
 * The one place where keys become deeds.
 *
 * Operators type notes while they talk, in Japanese. So: no key acts while an IME composes (pains 25),
 * call keys are function keys and never letters, Space or Enter, and hanging up needs a modifier.
 * A page declares keys on what they press: `<button data-key="F9">`; islands call `bindKey`.
 */

export interface KeyPress {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

interface Binding {
  label: string;
  act: () => void;
}

// One table for the page: app.js listens, desk.js (a bundle of its own) binds.
const page = globalThis as { madoguchiKeys?: Map<string, Binding> };
const bindings = (page.madoguchiKeys ??= new Map<string, Binding>());
const WITHOUT_TYPING = new Set(["?", "/"]);

/** The name of a press, "Shift+F2", or null when it must not act. `typing`: the focus takes text. */
export function keyName(press: KeyPress, typing: boolean): string | null {
  // 229 is what an IME sends while it works, also in the one event after isComposing fell (Safari).
  if (press.isComposing || press.keyCode === 229 || press.repeat) return null;
  const isFunction = /^F([1-9]|1[0-2])$/.test(press.key);
  if (!isFunction && (typing || !WITHOUT_TYPING.has(press.key))) return null;
  if (!isFunction) return press.ctrlKey || press.altKey || press.metaKey ? null : press.key;
  const modifiers = [
    press.ctrlKey && "Ctrl", press.altKey && "Alt", press.metaKey && "Meta", press.shiftKey && "Shift",
  ].filter(Boolean);
  return [...modifiers, press.key].join("+");
}

/** Binds a key for as long as the returned function is not called. The newest binding holds. */
export function bindKey(name: string, label: string, act: () => void): () => void {
  const binding = { label, act };
  bindings.set(name, binding);
  return () => {
    if (bindings.get(name) === binding) bindings.delete(name);
  };
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
}

function isPressable(element: HTMLElement): boolean {
  return element.getClientRects().length > 0 && !element.hasAttribute("disabled") && element.getAttribute("aria-disabled") !== "true";
}

function declared(name: string): HTMLElement | undefined {
  const all = document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(name)}"]`);
  return [...all].find(isPressable);
}

/** Presses or focuses what carries the key. Text fields are focused, all else is clicked. */
function press(element: HTMLElement): void {
  if (takesText(element)) element.focus();
  else element.click();
}

export function listenForKeys(): void {
  document.addEventListener("keydown", (event) => {
    const name = keyName(event, takesText(event.target));
    if (name === null) return;
    const binding = bindings.get(name);
    const element = binding ? undefined : declared(name);
    if (!binding && !element) return;
    event.preventDefault();
    if (binding) binding.act();
    else if (element) press(element);
  });
}

function wordsOf(element: HTMLElement): string {
  const given = element.dataset["keyLabel"] ?? element.getAttribute("aria-label");
  if (given) return given;
  const copy = element.cloneNode(true) as HTMLElement;
  for (const drawn of copy.querySelectorAll("kbd")) drawn.remove();
  return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** Every key that acts now, with its words: for the list of keys. */
export function activeKeys(): Array<[string, string]> {
  const list = new Map<string, string>();
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    list.set(element.dataset["key"] ?? "", wordsOf(element));
  }
  for (const [name, binding] of bindings) list.set(name, binding.label);
  return [...list].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
}
