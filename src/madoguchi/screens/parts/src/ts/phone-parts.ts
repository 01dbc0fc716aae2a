/** What a desk puts beside its phone: the level meter, and the check of microphone and sounds. */

import type { Use } from "./devices";
import type { MadoPhone } from "./mado-phone";
import { say } from "./words";

const BARS = 12;

function phone(): MadoPhone | null {
  return document.querySelector<MadoPhone>("mado-phone");
}

/** `<phone-level>`: how loud the microphone hears; amber when it hears nothing. */
export class PhoneLevel extends HTMLElement {
  private readonly hear = (event: Event): void => {
    const { level, silent } = (event as CustomEvent<{ level: number; silent: boolean }>).detail;
    const lit = Math.round(level * BARS);
    [...this.children].forEach((bar, index) => bar.toggleAttribute("data-on", index < lit));
    this.toggleAttribute("data-silent", silent);
    this.setAttribute("aria-valuenow", String(Math.round(level * 100)));
  };

  connectedCallback(): void {
    this.classList.add("level");
    this.setAttribute("role", "meter");
    this.setAttribute("aria-label", say("マイクの音量", "Microphone level"));
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-valuemax", "100");
    this.setAttribute("aria-valuenow", "0");
    this.replaceChildren(...Array.from({ length: BARS }, () => document.createElement("i")));
    document.addEventListener("phone-level", this.hear);
  }

  disconnectedCallback(): void {
    document.removeEventListener("phone-level", this.hear);
  }
}

/** `<phone-check>`: troubles in words, choice of microphone, speaker and ringer, meter, test ring. */
export class PhoneCheck extends HTMLElement {
  private readonly troubles = new Map<string, string>();
  private readonly events: Array<[string, (event: Event) => void]> = [
    ["phone-trouble", (event) => this.add(event)],
    ["phone-unreachable", (event) => this.add(event)],
    ["phone-mended", (event) => this.drop((event as CustomEvent<{ code: string }>).detail.code)],
    ["phone-ready", () => this.drop("server_unreachable", "registration_refused", "no_credentials")],
    ["phone-microphone", () => this.heardAgain()],
    ["phone-ended", () => this.drop("media_lost")],
    ["phone-devices", () => void this.list()],
  ];

  connectedCallback(): void {
    this.classList.add("stack-tight");
    const troubles = document.createElement("div");
    troubles.className = "phone-trouble";
    troubles.setAttribute("role", "alert");
    const choices = document.createElement("div");
    choices.className = "fields";
    const foot = document.createElement("div");
    foot.className = "row";
    foot.append(
      document.createElement("phone-level"),
      this.button("check", say("もう一度確かめる", "Check again")),
      this.button("test-ring", say("呼出音を鳴らす", "Try the ring")),
    );
    this.replaceChildren(troubles, choices, foot);
    for (const [name, act] of this.events) document.addEventListener(name, act);
    void this.list();
  }

  disconnectedCallback(): void {
    for (const [name, act] of this.events) document.removeEventListener(name, act);
  }

  private button(verb: string, words: string): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.dataset["phone"] = verb;
    button.textContent = words;
    return button;
  }

  private add(event: Event): void {
    const { code, message } = (event as CustomEvent<{ code: string; message: string }>).detail;
    this.troubles.set(code, message);
    this.draw();
  }

  private drop(...codes: string[]): void {
    for (const code of codes) this.troubles.delete(code);
    this.draw();
  }

  private heardAgain(): void {
    this.drop("microphone_denied", "microphone_missing", "microphone_busy", "microphone_lost", "insecure_page");
    void this.list();
  }

  private draw(): void {
    this.querySelector(".phone-trouble")?.replaceChildren(...[...this.troubles.values()].map((words) => {
      const notice = document.createElement("p");
      notice.className = "notice";
      notice.dataset["tone"] = "soon";
      notice.textContent = words;
      return notice;
    }));
    this.toggleAttribute("data-trouble", this.troubles.size > 0);
  }

  private async list(): Promise<void> {
    const uses: Array<[Use, string]> = [
      ["microphone", say("マイク", "Microphone")],
      ["speaker", say("通話の音", "Call sound")],
      ["ringer", say("呼出音", "Ring")],
    ];
    const fields = await Promise.all(uses.map(([use, words]) => this.field(use, words)));
    this.querySelector(".fields")?.replaceChildren(...fields);
  }

  private async field(use: Use, words: string): Promise<HTMLElement> {
    const field = document.createElement("label");
    field.className = "field";
    const name = document.createElement("span");
    name.className = "field-label";
    name.textContent = words;
    const select = document.createElement("select");
    select.className = "select";
    const devices = (await phone()?.devices(use)) ?? [];
    const chosen = (await phone()?.chosen(use)) ?? "";
    select.replaceChildren(
      new Option(say("パソコンの設定に合わせる", "As the computer is set"), "", chosen === "", chosen === ""),
      ...devices.filter((device) => device.id !== "default")
        .map((device) => new Option(device.name, device.id, false, device.id === chosen)),
    );
    select.addEventListener("change", () => {
      const option = select.selectedOptions[0];
      void phone()?.choose(use, { id: select.value, name: option?.text ?? "" });
    });
    field.append(name, select);
    return field;
  }
}
