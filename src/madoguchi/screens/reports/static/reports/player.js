"use strict";
/**
 * `<call-player>`: an audio element with the waveform over it. A click on the waveform seeks; a line shows
 * where the sound is. The audio's own controls do all the rest, by keyboard too.
 */
class CallPlayer extends HTMLElement {
  connectedCallback() {
    this.audio = this.querySelector("audio");
    this.wave = this.querySelector("svg");
    this.line = this.querySelector(".wave-now");
    if (!this.audio || !this.wave || !this.line) return;
    this.audio.addEventListener("timeupdate", () => this.draw());
    this.wave.addEventListener("click", (event) => this.seek(event));
  }

  draw() {
    if (!this.audio.duration) return;
    const x = String((this.audio.currentTime / this.audio.duration) * this.wave.viewBox.baseVal.width);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
  }

  seek(event) {
    const place = this.wave.getBoundingClientRect();
    const share = (event.clientX - place.left) / place.width;
    const go = () => {
      this.audio.currentTime = share * this.audio.duration;
      void this.audio.play();
    };
    if (this.audio.duration) go();
    else {
      this.audio.addEventListener("loadedmetadata", go, { once: true });
      this.audio.load();
    }
  }
}

customElements.define("call-player", CallPlayer);
