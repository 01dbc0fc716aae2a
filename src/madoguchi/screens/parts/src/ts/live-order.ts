/** The rule of the numbered changes, apart so that it can be tried alone. */

export type Follow = "take" | "drop" | "gap";

/** Whether a change with `number` follows `last`: pure, so that the rule is testable. */
export function follows(last: number | null, number: number): Follow {
  if (last === null) return "gap";
  if (number <= last) return "drop";
  return number === last + 1 ? "take" : "gap";
}
