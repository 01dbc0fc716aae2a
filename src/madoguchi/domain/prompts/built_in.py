"""The sentences of the house: what callers hear that nobody has to type."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class BuiltIn(StrEnum):
    """Each sentence by its use. Those with a gap take a number."""

    POSITION = "position"  # number: place in the queue, 1 is next
    NEXT_IN_LINE = "next_in_line"
    MANY_WAITING = "many_waiting"
    EXPECTED_WAIT = "expected_wait"  # number: minutes
    SHORT_WAIT = "short_wait"
    LONG_WAIT = "long_wait"
    PLEASE_WAIT = "please_wait"
    CONNECTING = "connecting"
    LINE_RESTORING = "line_restoring"
    CLOSED = "closed"
    CLOSING_NOW = "closing_now"
    WAITED_TOO_LONG = "waited_too_long"
    EMERGENCY = "emergency"
    WRONG_KEY = "wrong_key"
    NO_KEY = "no_key"
    RECORDING_NOTICE = "recording_notice"
    FAREWELL = "farewell"


LANGUAGES: Final = ("ja", "en")
MAX_POSITION_SPOKEN: Final = 30
"""Beyond it the caller hears that many are waiting: a place of 87 comforts nobody."""
MAX_WAIT_SPOKEN_MIN: Final = 60

_GAPS: Final[Mapping[BuiltIn, tuple[int, int]]] = {
    BuiltIn.POSITION: (2, MAX_POSITION_SPOKEN),
    BuiltIn.EXPECTED_WAIT: (1, MAX_WAIT_SPOKEN_MIN),
}

_JAPANESE: Final[Mapping[BuiltIn, str]] = {
    BuiltIn.POSITION: "ただいま、{number}番目にお待ちいただいております。",
    BuiltIn.NEXT_IN_LINE: "お客様は、次にお繋ぎする順番でございます。",
    BuiltIn.MANY_WAITING: "ただいま、大変多くのお客様にお待ちいただいております。",
    BuiltIn.EXPECTED_WAIT: "お待ち時間は、およそ{number}分の見込みです。",
    BuiltIn.SHORT_WAIT: "まもなくお繋ぎできる見込みです。",
    BuiltIn.LONG_WAIT: "お待ち時間は、1時間以上の見込みです。",
    BuiltIn.PLEASE_WAIT: "ただいま電話が混み合っております。"
    "順番にお繋ぎいたしますので、このままお待ちください。",
    BuiltIn.CONNECTING: "担当者にお繋ぎいたします。そのままお待ちください。",
    BuiltIn.LINE_RESTORING: "回線を繋ぎ直しております。恐れ入りますが、電話を切らずにお待ちください。",
    BuiltIn.CLOSED: "お電話ありがとうございます。申し訳ございませんが、ただいまの時間は受け付けておりません。"
    "恐れ入りますが、受付時間内におかけ直しください。",
    BuiltIn.CLOSING_NOW: "申し訳ございません。本日の受付時間が終了いたしました。"
    "恐れ入りますが、受付時間内におかけ直しください。",
    BuiltIn.WAITED_TOO_LONG: "長らくお待たせしており、誠に申し訳ございません。"
    "ただいま大変混み合っております。"
    "恐れ入りますが、しばらくたってからおかけ直しください。",
    BuiltIn.EMERGENCY: "申し訳ございません。ただいま設備の不具合により、お電話をお繋ぎすることができません。"
    "恐れ入りますが、しばらくたってからおかけ直しください。",
    BuiltIn.WRONG_KEY: "恐れ入りますが、もう一度番号をお選びください。",
    BuiltIn.NO_KEY: "番号の入力を確認できませんでした。",
    BuiltIn.RECORDING_NOTICE: "この通話は、お問い合わせ内容の確認と、応対品質の向上のため、"
    "録音させていただきます。",
    BuiltIn.FAREWELL: "お電話ありがとうございました。失礼いたします。",
}

_ENGLISH: Final[Mapping[BuiltIn, str]] = {
    BuiltIn.POSITION: "You are number {number} in the queue.",
    BuiltIn.NEXT_IN_LINE: "You are next in line.",
    BuiltIn.MANY_WAITING: "Many callers are waiting at the moment.",
    BuiltIn.EXPECTED_WAIT: "The expected waiting time is about {number} minutes.",
    BuiltIn.SHORT_WAIT: "We expect to connect you shortly.",
    BuiltIn.LONG_WAIT: "The expected waiting time is more than one hour.",
    BuiltIn.PLEASE_WAIT: "All our operators are busy. Please hold the line. Calls are answered in order.",
    BuiltIn.CONNECTING: "We are connecting you to an operator. Please hold the line.",
    BuiltIn.LINE_RESTORING: "We are restoring the line. Please do not hang up.",
    BuiltIn.CLOSED: "Thank you for calling. We are closed at the moment. "
    "Please call again during our opening hours.",
    BuiltIn.CLOSING_NOW: "We are sorry, we are closing now. Please call again during our opening hours.",
    BuiltIn.WAITED_TOO_LONG: "We are very sorry to have kept you waiting. "
    "All lines are busy. Please call again later.",
    BuiltIn.EMERGENCY: "We are sorry. Because of a technical problem we cannot connect your call. "
    "Please call again later.",
    BuiltIn.WRONG_KEY: "Please choose one of the numbers again.",
    BuiltIn.NO_KEY: "We did not receive a key.",
    BuiltIn.RECORDING_NOTICE: "This call will be recorded to confirm your inquiry "
    "and to improve our service.",
    BuiltIn.FAREWELL: "Thank you for calling. Goodbye.",
}
_SENTENCES: Final = {"ja": _JAPANESE, "en": _ENGLISH}


@dataclass(frozen=True)
class Announcement:
    """One sentence to say to a waiting caller."""

    key: BuiltIn
    number: int | None = None


def sentence(key: BuiltIn, language: str = "ja", number: int | None = None) -> str:
    """The words of a sentence. A number outside what the sentence can say is held at its edge.

    Raises ValueError when a sentence with a gap gets no number, or for a language we do not speak.
    """
    if language not in _SENTENCES:
        raise ValueError(f"There are no sentences in {language!r}.")
    words = _SENTENCES[language][key]
    gap = _GAPS.get(key)
    if gap is None:
        return words
    if number is None:
        raise ValueError(f"The sentence {key.value} needs a number.")
    held = min(max(number, gap[0]), gap[1])
    if language == "en" and key is BuiltIn.EXPECTED_WAIT and held == 1:
        return "The expected waiting time is about one minute."
    return words.format(number=held)


def while_waiting(position: int, expected_wait_s: float | None) -> tuple[Announcement, ...]:
    """What a caller at `position` (1 is next) hears; without an estimate nothing is said about time.

    Waits are rounded up, to minutes below ten and to five minutes above: better early than late.

    >>> [(a.key.value, a.number) for a in while_waiting(3, 250)]
    [('position', 3), ('expected_wait', 5)]
    """
    if position <= 1:
        place = Announcement(BuiltIn.NEXT_IN_LINE)
    elif position <= MAX_POSITION_SPOKEN:
        place = Announcement(BuiltIn.POSITION, position)
    else:
        place = Announcement(BuiltIn.MANY_WAITING)
    if expected_wait_s is None or not expected_wait_s >= 0:
        return (place,)
    return (place, _expected(expected_wait_s))


def _expected(wait_s: float) -> Announcement:
    if wait_s < 60:
        return Announcement(BuiltIn.SHORT_WAIT)
    if wait_s > MAX_WAIT_SPOKEN_MIN * 60:
        return Announcement(BuiltIn.LONG_WAIT)
    minutes = -int(-wait_s // 60)
    return Announcement(BuiltIn.EXPECTED_WAIT, minutes if minutes <= 10 else -(-minutes // 5) * 5)


def all_announcements() -> list[Announcement]:
    """Every sentence with every number that can be said, so that all can be spoken ahead of need."""
    fixed = [Announcement(key) for key in BuiltIn if key not in _GAPS]
    positions = [Announcement(BuiltIn.POSITION, place) for place in range(2, MAX_POSITION_SPOKEN + 1)]
    minutes = [*range(1, 11), *range(15, MAX_WAIT_SPOKEN_MIN + 1, 5)]
    return [*fixed, *positions, *(Announcement(BuiltIn.EXPECTED_WAIT, minute) for minute in minutes)]
