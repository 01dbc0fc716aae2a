/**
 * Dialogs without scripts in pages: `data-opens="id"` shows `<dialog id>`, `data-closes` shuts the one
 * it is in. Dialogs open beside the phone, never over it (`show`, not `showModal`) where
 * the page says `<body data-phone>`; elsewhere they are modal. `data-confirm="…"` on a button asks before its
 * form goes off: htmx's own `hx-confirm` asks before requests of htmx only, never before a plain form's.
 */
export function listenForDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest<HTMLElement>("[data-opens]");
    if (opener) openDialog(opener.dataset["opens"] ?? "");
    const closer = target?.closest<HTMLElement>("[data-closes]");
    if (closer) closer.closest("dialog")?.close();
  });
  document.addEventListener("submit", (event) => {
    const question = event.submitter?.dataset["confirm"];
    if (!question || window.confirm(question)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });
}

export function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  if (document.body.dataset["phone"] === undefined) dialog.showModal();
  else openBeside(dialog);
}

function openBeside(dialog: HTMLDialogElement): void {
  const back = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  dialog.show();
  const escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.isComposing) dialog.close();
  };
  dialog.addEventListener("keydown", escape);
  dialog.addEventListener("close", () => {
    dialog.removeEventListener("keydown", escape);
    back?.focus();
  }, { once: true });
}
