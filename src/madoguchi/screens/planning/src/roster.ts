/** 「シフト」: arrow keys from square to square, one stop for Tab, and the place kept when a square was changed. */

const STEPS: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Squares that can be changed, by row and day; a day without a roster leaves a gap. */
function grid(): (HTMLButtonElement | null)[][] {
  return [...document.querySelectorAll(".roster-grid tbody tr")].map((row) =>
    [...row.querySelectorAll("td:not(.num)")].map((cell) => cell.querySelector<HTMLButtonElement>("button.roster-square")),
  );
}

/** Tab stops at one square only, else a month of twenty people takes hundreds of presses to pass. */
function stopAt(chosen: HTMLElement | null): void {
  const all = grid().flat().filter((square) => square !== null);
  const stop = all.find((square) => square === chosen) ?? all[0];
  for (const square of all) square.tabIndex = square === stop ? 0 : -1;
}

function step(from: HTMLElement, key: string): HTMLElement | null {
  const rows = grid();
  let row = rows.findIndex((squares) => squares.some((square) => square === from));
  let day = rows[row]?.findIndex((square) => square === from) ?? -1;
  if (key === "Home") return rows[row]?.find((square) => square !== null) ?? null;
  if (key === "End") return rows[row]?.findLast((square) => square !== null) ?? null;
  const [down, right] = STEPS[key] ?? [0, 0];
  if (row < 0 || day < 0 || (!down && !right)) return null;
  do {
    row += down;
    day += right;
  } while (rows[row]?.[day] === null);
  return rows[row]?.[day] ?? null;
}

function isSquare(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.matches(".roster-grid button.roster-square");
}

document.addEventListener("keydown", (event) => {
  if (!isSquare(event.target) || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const next = step(event.target, event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
});
document.addEventListener("focusin", (event) => {
  if (isSquare(event.target)) stopAt(event.target);
});
document.addEventListener("htmx:after:swap", () => stopAt(document.activeElement as HTMLElement | null));
// The dialog gives the focus back to its square; htmx finds the square again by its id in the fresh week.
document.addEventListener("roster-changed", () => document.querySelector<HTMLDialogElement>("#roster-cell")?.close());

const body = document.querySelector<HTMLElement>("#roster-cell-body");
const waiting = body?.innerHTML ?? "";
// Nobody sees, or sends, the form of the person before while the next one is on its way.
body?.closest("dialog")?.addEventListener("close", () => (body.innerHTML = waiting));
stopAt(null);
