"""Draw the pictures of docs/guides/staffing.md with the product's own formulas: python docs/draw_staffing.py

The pictures are committed; a test draws them again and fails when a formula says something else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import numpy as np

from madoguchi.science.staffing import erlang_a, erlang_c
from madoguchi.science.staffing.orbit import Centre, fixed_point

PICTURES = Path(__file__).resolve().parent / "pictures"
INK, PALE, BLUE, RED, GREEN, AMBER = "#1a1a1c", "#d8d8db", "#0017c1", "#c5221f", "#0f7b4b", "#b35c00"
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 380, 76, 28, 58, 62

HANDLE_S, PATIENCE_S, WITHIN_S, CALLS = 180.0, 300.0, 20.0, 100.0
"""The example of the guide: 100 calls in half an hour, 3 minutes each."""
LOAD = CALLS / 1800.0 * HANDLE_S


@dataclass
class Plot:
    """A picture of lines or bars with two axes."""

    title: str
    across: tuple[float, float]
    upwards: tuple[float, float]
    parts: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        low, high = self.across
        return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        low, high = self.upwards
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    def axes(self, xs: Iterable[tuple[float, str]], ys: Iterable[tuple[float, str]], below: str) -> None:
        for value, label in ys:
            at = self.y(value)
            self.parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{PALE}"/>')
            self.parts.append(text(LEFT - 10, at + 5, label, anchor="end", size=14))
        for value, label in xs:
            self.parts.append(text(self.x(value), HEIGHT - BOTTOM + 22, label, size=14))
        self.parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, below, size=15))

    def line(self, points: Sequence[tuple[float, float]], colour: str, *, dots: bool = False) -> None:
        way = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="3"/>')
        for x, y in points if dots else ():
            self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="4.5" fill="{colour}"/>')

    def bar(self, at: float, value: float, width: float, colour: str) -> None:
        left, top = self.x(at - width / 2), self.y(value)
        size = f'width="{self.x(at + width / 2) - left:.1f}" height="{self.y(self.upwards[0]) - top:.1f}"'
        self.parts.append(f'<rect x="{left:.1f}" y="{top:.1f}" {size} fill="{colour}"/>')

    def say(self, x: float, y: float, words: str, colour: str = INK, *, anchor: str = "middle") -> None:
        self.parts.append(text(self.x(x), self.y(y), words, anchor=anchor, colour=colour, size=15))

    def drawn(self) -> str:
        return drawn(self.title, self.parts, WIDTH, HEIGHT)


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "middle",
    colour: str = INK,
    size: int = 15,
    bold: bool = False,
) -> str:
    weight = ' font-weight="700"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f'<text {place} fill="{colour}"{weight}>{escape(words)}</text>'


def drawn(title: str, parts: Sequence[str], width: int, height: int) -> str:
    fonts = "'Noto Sans JP','Noto Sans CJK JP','Hiragino Sans','Yu Gothic',sans-serif"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="{fonts}" '
        f'role="img" aria-label="{escape(title)}">'
    )
    ground = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return "\n".join([head, ground, text(width / 2, 32, title, size=19, bold=True), *parts, "</svg>", ""])


def people() -> str:
    """How the answers within 20 s grow with each person."""
    agents = np.arange(8, 19)
    queue = erlang_a.queue(agents, LOAD, handle_s=HANDLE_S, patience_s=PATIENCE_S)
    level, left = queue.within(WITHIN_S).service_level_a, queue.measures().abandon_probability
    plot = Plot("1人増えると、どれだけ出られるか(30分に100件、1件3分)", (7.5, 18.5), (0.0, 1.0))
    plot.axes(
        [(float(count), str(count)) for count in agents],
        [(share / 100, f"{share} %") for share in range(0, 101, 20)],
        "同時に電話に出ている人数",
    )
    need = int(
        erlang_a.agents_for(LOAD, handle_s=HANDLE_S, patience_s=PATIENCE_S, share=0.8, within_s=WITHIN_S)
    )
    x = plot.x(need)
    low, high = plot.y(0), plot.y(1)
    plot.parts.append(
        f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{GREEN}" stroke-dasharray="6 5" stroke-width="2"/>'
    )
    plot.line(list(zip(agents, level, strict=True)), BLUE, dots=True)
    plot.line(list(zip(agents, left, strict=True)), RED, dots=True)
    plot.say(need + 0.15, 0.52, f"{need}人で目標の80 %に届く", GREEN, anchor="start")
    plot.say(10.9, 0.70, "20秒以内に応答", BLUE, anchor="end")
    plot.say(9.15, 0.2, "待ちきれずに切る", RED, anchor="start")
    return plot.drawn()


def busy() -> str:
    """Why the wait explodes near full occupancy, and less so for large teams."""
    plot = Plot("忙しさと待ち時間:100 % に近づくと急に延びる(1件3分)", (0.5, 1.0), (0.0, 180.0))
    plot.axes(
        [(share / 100, f"{share} %") for share in range(50, 101, 10)],
        [(seconds, f"{seconds} 秒") for seconds in range(0, 181, 30)],
        "占有率(オペレーターの時間のうち電話に使う割合)",
    )
    left = plot.x(0.85)
    plot.parts.append(
        f'<rect x="{left:.1f}" y="{TOP}" width="{plot.x(1.0) - left:.1f}" height="{HEIGHT - TOP - BOTTOM}" '
        f'fill="{RED}" opacity="0.07"/>'
    )
    shares = np.linspace(0.5, 0.995, 400)
    for agents, colour, where in ((5, BLUE, 0.645), (20, GREEN, 0.815), (100, AMBER, 0.925)):
        waits = erlang_c.queue(agents, agents * shares, handle_s=HANDLE_S).measures().mean_wait_s
        plot.line([(x, y) for x, y in zip(shares, waits, strict=True) if y <= 180.0], colour)
        at = float(np.interp(where, shares, waits))
        plot.say(where - 0.01, at + 9.0, f"{agents}人", colour, anchor="end")
    plot.say(0.515, 152.0, "赤い帯:余裕がなく、人が疲れる", RED, anchor="start")
    plot.say(0.515, 168.0, "縦:平均の待ち時間", INK, anchor="start")
    return plot.drawn()


def waits() -> str:
    """How long ten callers wait, the luckiest first."""
    plot = Plot("平均は12.8秒でも、待つ人は長く待つ(12人で受けるとき)", (0.4, 10.6), (0.0, 90.0))
    queue = erlang_a.queue(12, LOAD, handle_s=HANDLE_S, patience_s=PATIENCE_S)
    mean = float(queue.measures().mean_wait_s)
    plot.title = f"平均は{mean:.0f}秒でも、待つ人は長く待つ(12人で受けるとき)"
    plot.axes(
        [(number, f"{number}人目") for number in range(1, 11)],
        [(seconds, f"{seconds} 秒") for seconds in range(0, 91, 15)],
        "10人の客を、待った時間の短い順に",
    )
    for number in range(1, 11):
        wait = float(queue.wait_percentile_s((number - 0.5) / 10.0))
        plot.bar(number, max(wait, 0.8), 0.62, RED if wait > WITHIN_S else BLUE)
        plot.say(number, wait + 2.5, "すぐ" if wait == 0 else f"{wait:.0f} 秒")
    at = plot.y(mean)
    plot.parts.append(
        f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="{AMBER}" '
        'stroke-dasharray="6 5" stroke-width="2"/>'
    )
    plot.say(0.6, mean + 3.0, f"平均 {mean:.0f} 秒", AMBER, anchor="start")
    worst = float(queue.wait_percentile_s(0.9))
    plot.say(0.6, 78.0, f"90 % の人は {worst:.0f} 秒以内、10 % の人はそれより長い", INK, anchor="start")
    return plot.drawn()


def day() -> str:
    """Required people through a day, half-hour by half-hour."""
    hours = 9.0 + 0.5 * np.arange(18)
    shape = 30 + 75 * np.exp(-((hours - 10.5) ** 2) / 1.6) + 55 * np.exp(-((hours - 14.0) ** 2) / 3.0)
    calls = np.round(shape)
    need = erlang_a.agents_for(
        calls / 1800.0 * HANDLE_S, handle_s=HANDLE_S, patience_s=PATIENCE_S, share=0.8, within_s=WITHIN_S
    )
    plot = Plot("1日の必要人数:着信の山に合わせて(20秒以内に80 %)", (9.0, 18.0), (0.0, 16.0))
    plot.axes(
        [(hour, f"{hour}時") for hour in range(9, 19)],
        [(count, f"{count} 人") for count in range(0, 17, 4)],
        "時刻",
    )
    for hour, count in zip(hours, calls, strict=True):
        plot.bar(hour + 0.25, count / 8.0, 0.42, "#c9d3ff")
    way = [(hour + edge, people) for hour, people in zip(hours, need, strict=True) for edge in (0.0, 0.5)]
    plot.line(way, RED)
    load = calls / 1800.0 * HANDLE_S
    plot.line(
        [(hour + edge, one) for hour, one in zip(hours, load, strict=True) for edge in (0.0, 0.5)], AMBER
    )
    plot.say(14.7, 15.1, "赤:必要な人数", RED, anchor="start")
    plot.say(14.7, 14.0, "黄:話し中の平均人数(呼量)", AMBER, anchor="start")
    plot.say(14.7, 12.9, f"青い棒:着信数(山で {np.max(calls):.0f} 件)", BLUE, anchor="start")
    plot.say(9.1, 14.2, f"いちばん多い30分に {np.max(need):.0f} 人", RED, anchor="start")
    return plot.drawn()


def loop() -> str:
    """Where calls come from: first ones, those who gave up, and chasers."""
    centre = Centre(
        11,
        LOAD,
        HANDLE_S,
        patience_s=PATIENCE_S,
        redial=0.6,
        redial_after_s=300.0,
        returns=0.15,
        return_after_s=86400.0,
    )
    found = fixed_point(centre)
    per_half_hour = 1800.0
    total = float(found.total_arrivals_per_s) * per_half_hour
    left = total * float(found.measures.abandon_probability)
    again, answered = 0.6 * left, total - left
    chasing = 0.15 * answered
    boxes = {
        (20, 175, 150, 70): ("#eef1ff", "初めての電話", f"{CALLS:.0f} 件"),
        (290, 165, 180, 90): ("#dfe6ff", "窓口(11人)", f"着信 {total:.0f} 件"),
        (600, 175, 140, 70): ("#e2f4ea", "解決して終わり", f"{answered - chasing:.0f} 件"),
        (290, 60, 180, 62): ("#fde8e7", "待ちきれずに切る", f"{left:.0f} 件"),
        (290, 305, 180, 62): ("#fff3e0", "解決を待つ客", f"{chasing:.0f} 件が催促になる"),
    }
    parts = [*arrows(), *(part for place in boxes for part in boxed(place, *boxes[place]))]
    parts.append(text(226, 108, f"かけ直す {again:.0f} 件", anchor="end", colour=RED))
    parts.append(text(226, 322, f"催促 {chasing:.0f} 件", anchor="end", colour=AMBER))
    parts.append(text(602, 96, f"あきらめる {left - again:.0f} 件", anchor="start", colour=RED))
    parts.append(text(482, 200, f"応答 {answered:.0f} 件", anchor="start"))
    return drawn(f"30分に100件のはずが {total:.0f} 件になるわけ", parts, WIDTH, 390)


def boxed(place: tuple[int, int, int, int], colour: str, words: str, number: str) -> list[str]:
    """A box with what it is and how many."""
    x, y, width, height = place
    shape = f'x="{x}" y="{y}" width="{width}" height="{height}" rx="10"'
    return [
        f'<rect {shape} fill="{colour}" stroke="{INK}"/>',
        text(x + width / 2, y + height / 2 - 4, words, bold=True),
        text(x + width / 2, y + height / 2 + 19, number),
    ]


def arrows() -> list[str]:
    """From first calls to the centre, and out of it and back."""
    ways = (
        "M170 210H284",
        "M470 210H594",
        "M380 165V128",
        "M290 91C215 95 220 170 284 186",
        "M380 255V299",
        "M290 336C215 332 220 255 284 234",
        "M470 91H594",
    )
    tip = (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="{INK}"/></marker></defs>'
    )
    stroke = f'fill="none" stroke="{INK}" stroke-width="2.5" marker-end="url(#tip)"'
    return [tip, *(f'<path d="{way}" {stroke}/>' for way in ways)]


DRAW = {
    "staffing-people": people,
    "staffing-busy": busy,
    "staffing-loop": loop,
    "staffing-waits": waits,
    "staffing-day": day,
}


def main() -> None:
    """Write all pictures."""
    for name, draw in DRAW.items():
        (PICTURES / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
