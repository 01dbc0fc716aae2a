/** What somebody typed in a form, apart from what the form came with; and putting it back. */

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function fieldsIn(form: HTMLElement): Field[] {
  const found = form.querySelectorAll<Field>("input[name], textarea[name], select[name]");
  return [...found].filter((field) => field.type !== "hidden");
}

function isTick(field: Field): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
}

function isAsItCame(field: Field): boolean {
  if (isTick(field)) return field.checked === field.defaultChecked;
  if (field instanceof HTMLSelectElement) {
    const chosen = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex === Math.max(chosen, 0);
  }
  return field.value === field.defaultValue;
}

/** Only the fields that differ from the form as it came: a text, or the list of what is ticked. */
export function typedIn(form: HTMLElement): Record<string, string | string[]> {
  const typed: Record<string, string | string[]> = {};
  const fields = fieldsIn(form);
  for (const field of fields.filter((one) => !isAsItCame(one))) {
    if (isTick(field)) typed[field.name] = fields.filter((one) => isTick(one) && one.checked && one.name === field.name).map((one) => one.value);
    else typed[field.name] = field.value;
  }
  return typed;
}

export function putBack(form: HTMLElement, typed: Record<string, unknown>): void {
  for (const field of fieldsIn(form)) {
    const value = typed[field.name];
    if (isTick(field)) {
      if (Array.isArray(value)) field.checked = value.includes(field.value);
    } else if (typeof value === "string") field.value = value;
  }
}

/** For what stays on the page from call to call: the words for one customer never reach the next. */
export function empty(form: HTMLElement): void {
  for (const field of fieldsIn(form)) {
    if (!isTick(field) && !(field instanceof HTMLSelectElement)) field.value = field.defaultValue;
  }
}
