/** `<mado-tabs>` round a `.tab-list` of buttons with role=tab and aria-controls; arrows move, the URL's hash opens. */
export class Tabs extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", (event) => {
      const tab = event.target instanceof Element ? event.target.closest<HTMLElement>('[role="tab"]') : null;
      if (tab) this.choose(tab);
    });
    this.addEventListener("keydown", (event) => this.move(event));
    const wanted = location.hash.slice(1);
    const first = this.tabs().find((tab) => tab.getAttribute("aria-controls") === wanted)
      ?? this.tabs().find((tab) => tab.getAttribute("aria-selected") === "true") ?? this.tabs()[0];
    if (first) this.choose(first);
  }

  private tabs(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('[role="tab"]')].filter((tab) => tab.closest("mado-tabs") === this);
  }

  private choose(chosen: HTMLElement): void {
    for (const tab of this.tabs()) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !on;
    }
  }

  private move(event: KeyboardEvent): void {
    const tabs = this.tabs();
    const at = tabs.indexOf(event.target as HTMLElement);
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (at < 0 || step === 0 || event.isComposing) return;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    this.choose(next);
    next.focus();
  }
}
