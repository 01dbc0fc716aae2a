/** Reading and filling the fields of the form, without moving the cursor of who types. */

function text(form: HTMLFormElement): HTMLTextAreaElement | null {
  return form.querySelector<HTMLTextAreaElement>("textarea[name=summary]");
}

export function textOf(form: HTMLFormElement): string {
  return text(form)?.value ?? "";
}

/** What is chosen: one value, or for ticks all that are set. */
export function choiceOf(form: HTMLFormElement, name: string): string | string[] {
  const found = new FormData(form).getAll(name).map(String);
  return form.querySelector(`input[type=checkbox][name="${CSS.escape(name)}"]`) ? found : found[0] ?? "";
}

export function fill(form: HTMLFormElement, name: string, value: unknown): void {
  for (const element of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (element instanceof HTMLInputElement) {
      element.checked = Array.isArray(value) ? value.includes(element.value) : value === element.value;
    } else if (element instanceof HTMLTextAreaElement && typeof value === "string" && element.value !== value) {
      const [from, to] = [element.selectionStart, element.selectionEnd];
      const atEnd = from === element.value.length;
      element.value = value;
      if (document.activeElement === element && !atEnd) element.setSelectionRange(from, to);
    } else if (element instanceof HTMLSelectElement && typeof value === "string") {
      element.value = value;
    }
  }
}
