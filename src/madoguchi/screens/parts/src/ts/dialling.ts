/** A number on any page is dialled at the person's own desk, whose telephone lives in a tab of its own. */

import { postJson, ServerRefused, plainWords } from "./server";
import { toast } from "./toast";
import { say } from "./words";

export function listenForDials(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-dials]") : null;
    if (button) void dial(button);
  });
}

/** One press is one call: the button rests until the answer is there. */
async function dial(button: HTMLButtonElement): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await postJson("/desk/do/dial", JSON.parse(button.dataset["dials"] ?? "{}"));
    toast(say("デスクの電話で発信しています。", "Your desk's telephone is dialling."));
  } catch (error) {
    toast(error instanceof ServerRefused ? error.message : plainWords(0), { stay: true });
  } finally {
    button.disabled = false;
  }
}
