"use strict";

// Office computers run minutes wrong; the page says what the server's clock was. Under 2 s it is network.
const said = Date.parse(document.querySelector('meta[name="server-now"]')?.content ?? "");
const differs = Number.isNaN(said) ? 0 : said - Date.now();
const offsetMs = Math.abs(differs) < 2000 ? 0 : differs;

/**
 * `<wait-strip at="…Z" soon="60" hurt="120">`: a bar that lengthens while somebody waits.
 * Full after twice the time that hurts. The page's content policy bars style attributes, not this.
 */
class WaitStrip extends HTMLElement {
  static living = new Set();

  static tick() {
    for (const strip of WaitStrip.living) strip.draw();
  }

  connectedCallback() {
    if (WaitStrip.living.size === 0) WaitStrip.timer = setInterval(WaitStrip.tick, 1000);
    WaitStrip.living.add(this);
    this.draw();
  }

  disconnectedCallback() {
    WaitStrip.living.delete(this);
    if (WaitStrip.living.size === 0) clearInterval(WaitStrip.timer);
  }

  draw() {
    const waited = Math.max(0, (Date.now() + offsetMs - Date.parse(this.getAttribute("at"))) / 1000);
    const hurt = Number(this.getAttribute("hurt"));
    this.style.width = `${Math.min(100, 4 + (waited / (2 * hurt)) * 96)}%`;
    const tone = waited >= hurt ? "hurt" : waited >= Number(this.getAttribute("soon")) ? "soon" : "ink";
    if (this.dataset.tone !== tone) this.dataset.tone = tone;
  }
}

customElements.define("wait-strip", WaitStrip);
