/** The desk's verbs: buttons and forms of the page become `POST /desk/do/<verb>`. */

import { postJson, ServerRefused } from "../../parts/src/ts/server";
import { toast } from "../../parts/src/ts/toast";
import { plainWords } from "../../parts/src/ts/server";

export type Fields = Record<string, unknown>;
export type Answer = Record<string, unknown>;

/** Sends one verb. Throws `ServerRefused`, or a TypeError when the server was not reached. */
export async function send(verb: string, fields: Fields, options: RequestInit = {}): Promise<Answer> {
  const answer = await postJson<Answer | null>(`/desk/do/${verb}`, fields, options);
  // Who is logged out is led to the log-in page, which is no answer to a verb.
  if (answer === null) throw new ServerRefused(403, plainWords(403));
  return answer;
}

export function wordsOf(error: unknown): string {
  return error instanceof ServerRefused ? error.message : plainWords(0);
}

/** The fields of a form as JSON; a name that may be ticked several times becomes a list. */
export function fieldsOf(form: HTMLFormElement): Fields {
  const fields: Fields = {};
  const data = new FormData(form);
  for (const name of new Set(data.keys())) {
    const many = form.querySelector(`input[type=checkbox][name="${CSS.escape(name)}"]`) !== null;
    fields[name] = many ? data.getAll(name) : data.get(name);
  }
  return fields;
}

type Before = (verb: string, fields: Fields) => Fields;

/** Listens for `data-do` buttons and `data-do-form` forms; `before` adds what only the page knows. */
export function listenForVerbs(before: Before, after: (verb: string) => void): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-do]") : null;
    const verb = button?.dataset["do"];
    if (!button || !verb || button.disabled) return;
    const fields = JSON.parse(button.dataset["with"] ?? "{}") as Fields;
    void run(button, () => send(verb, before(verb, fields)), (words) => toast(words, { stay: true }), () => after(verb));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : null;
    const verb = form?.dataset["doForm"];
    if (!form || !verb) return;
    event.preventDefault();
    const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
    void run(button, () => send(verb, before(verb, fieldsOf(form))), (words) => showError(form, words), () => {
      showError(form, "");
      if (form.dataset["clears"] !== undefined) clear(form);
      after(verb);
    });
  });
}

/** One press is one request: the button rests until the answer is there. */
async function run(
  button: HTMLButtonElement | null, act: () => Promise<unknown>, refused: (words: string) => void, done: () => void,
): Promise<void> {
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  try {
    await act();
    done();
  } catch (error) {
    refused(wordsOf(error));
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

function showError(form: HTMLFormElement, words: string): void {
  let place = form.querySelector<HTMLElement>(".desk-form-error");
  if (!place) {
    if (!words) return;
    place = document.createElement("p");
    place.className = "desk-form-error";
    place.setAttribute("role", "alert");
    form.append(place);
  }
  place.textContent = words;
  // The form may be longer than its column: what was refused is to be seen.
  if (words) place.scrollIntoView({ block: "nearest" });
}

function clear(form: HTMLFormElement): void {
  form.reset();
  const fold = form.closest("details");
  if (!fold) return;
  // The fold takes the focus away with its form: who works by keys goes on from where they opened it.
  const hadFocus = form.contains(document.activeElement);
  fold.open = false;
  if (hadFocus) fold.querySelector("summary")?.focus();
}
