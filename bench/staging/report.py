"""What `bench/calls.py` found, as a table for people, and whether it is right and good enough."""

from __future__ import annotations

from typing import Any

FLOOR, GOAL = 20.0, 40.0
CALM_P99_MS = 100.0
GOAL_OF_PEER = 0.8
WHO = {"ours": "ours", "peer": "app_queue"}


def table(figures: dict[str, Any]) -> str:
    """Markdown, ready for docs/operations/figures.md."""
    rows = [
        "| | calls/s | lost | INVITE → INVITE p50 / p99 ms | CPU ms a call | load average |",
        "|---|---|---|---|---|---|",
    ]
    for part, name in WHO.items():
        found = figures.get(part)
        if found:
            rows += [_row(name, step) for step in (found["calm"], *found["steps"])]
    if "ours" in figures:
        delay = figures["ours"]["queue_to_invite_ms"]
        rows.append(
            f"\nQueue entry → operator's INVITE, operators free, {delay['calls']} calls:"
            f" p50 {delay['p50']:.0f} ms, p99 {delay['p99']:.0f} ms."
        )
    if "recorded" in figures:
        found = figures["recorded"]
        rows.append(
            f"\nRecorded at once: {found['at_once']}, lost {found['failed']}, shortest recording"
            f" {found['shortest_recording_s']} s of {found['talk_s']:.0f} s talk,"
            f" Asterisk {found['asterisk_cores']} cores."
        )
    return "\n".join(rows)


def _row(name: str, step: dict[str, Any]) -> str:
    cpu = ", ".join(f"{part} {ms:.1f}" for part, ms in step["cpu_ms_per_call"].items() if ms >= 0.05)
    delay = f"{step['p50_ms']:.0f} / {step['p99_ms']:.0f}"
    lost = f"{step['failed']} {step['wrong']}".strip()
    return f"| {name} | {step['rate']:.0f} | {lost} | {delay} | {cpu} | {step['load_average']:.1f} |"


def verdict(figures: dict[str, Any], recorded: int) -> tuple[list[str], list[str]]:
    """What is wrong, and which goals are missed, each as a sentence."""
    wrong: list[str] = []
    missed: list[str] = []
    if "ours" in figures:
        _judge_ours(figures["ours"], wrong, missed)
    if "ours" in figures and figures.get("peer", {}).get("best"):
        ratio = figures["ours"]["best"] / figures["peer"]["best"]
        if ratio < GOAL_OF_PEER:
            missed.append(f"{ratio:.2f} of app_queue's rate; the goal is {GOAL_OF_PEER}")
    if "recorded" in figures:
        found = figures["recorded"]
        if found["failed"] or found["wrong"] or found["shortest_recording_s"] < 0.9 * found["talk_s"]:
            wrong.append(f"recorded calls: {found}")
        elif found["at_once"] < recorded:
            missed.append(f"{found['at_once']} recorded calls at once; {recorded} were asked for")
    return wrong, missed


def _judge_ours(ours: dict[str, Any], wrong: list[str], missed: list[str]) -> None:
    steps = [ours["calm"], *ours["steps"]]
    best, tried = ours["best"], max(step["rate"] for step in steps)
    wrong += [
        f"{step['rate']:.0f} calls/s: {step['failed']} failed {step['wrong']}"
        for step in steps
        if not step["ok"] and step["rate"] <= FLOOR
    ]
    if best < min(FLOOR, tried):
        wrong.append(f"only {best:.0f} calls/s without a failure; {FLOOR:.0f} is the floor")
    elif best < min(GOAL, tried):
        missed.append(f"{best:.0f} calls/s without a failure; the goal is {GOAL:.0f}")
    p99_ms = ours["queue_to_invite_ms"]["p99"]
    if not p99_ms <= CALM_P99_MS:
        missed.append(f"p99 {p99_ms:.0f} ms from the queue to the INVITE; the goal is {CALM_P99_MS:.0f}")
