/** Menus are `<details class="menu">`: they shut on Escape, on a click elsewhere and when a choice was made. */
export function listenForMenus(): void {
  const open = (): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")];
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!(event.target instanceof Node) || !menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
  document.addEventListener("change", (event) => {
    // `data-submits`: a select or checkbox that sends its own form at once (language, filters).
    const field = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-submits]") : null;
    field?.closest("form")?.requestSubmit();
  });
}
