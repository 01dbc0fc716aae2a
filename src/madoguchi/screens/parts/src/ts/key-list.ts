/** The list of keys, one key away: `?` or F1. */

import { openDialog } from "./dialog";
import { activeKeys, bindKey } from "./keys";
import { say } from "./words";

function draw(place: Element): void {
  place.replaceChildren(...activeKeys().flatMap(([name, label]) => {
    const term = document.createElement("dt");
    for (const part of name.split("+")) {
      const key = document.createElement("kbd");
      key.textContent = part === "Shift" ? "⇧" : part;
      term.append(key, " ");
    }
    const words = document.createElement("dd");
    words.textContent = label;
    return [term, words];
  }));
}

export function offerKeyList(): void {
  const show = (): void => {
    const dialog = document.getElementById("key-list");
    const place = dialog?.querySelector(".key-list");
    if (place) draw(place);
    openDialog("key-list");
  };
  bindKey("F1", say("キーの一覧", "List of keys"), show);
  bindKey("?", say("キーの一覧", "List of keys"), show);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-shows-keys]")) show();
  });
}
