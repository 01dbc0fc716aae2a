/** Words that islands say by themselves. Everything else is written by the server's templates. */

export type Language = "ja" | "en";

export function language(): Language {
  return document.documentElement.lang.startsWith("en") ? "en" : "ja";
}

/** Picks the wording of the page's language. */
export function say(ja: string, en: string): string {
  return language() === "en" ? en : ja;
}
