/** Short words that need no answer, said by screen readers too. Problems stay until closed. */

import { say } from "./words";

export function toast(message: string, options: { stay?: boolean } = {}): void {
  const place = document.querySelector<HTMLElement>(".toasts");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "toast";
  const text = document.createElement("span");
  text.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "✕";
  close.setAttribute("aria-label", say("閉じる", "Close"));
  close.addEventListener("click", () => box.remove());
  box.append(text, close);
  place.append(box);
  while (place.children.length > 4) place.firstElementChild?.remove();
  if (!options.stay) setTimeout(() => box.remove(), 6000);
}
