"""What the operator says first (名乗り): by client, menu choice and wait. Pure."""

from __future__ import annotations

from dataclasses import dataclass

CALLING = "お世話になっております。{client}の{operator}でございます。"
CALLING_NAMED = CALLING + "{name}様のお電話でよろしいでしょうか。"
"""For calls that we make. Own people are named without さん; the customer with 様."""

TAKING_OVER = "お待たせいたしました。お電話代わりました。{client}の{operator}でございます。"
"""For a customer who spoke with a colleague a moment ago."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A client's own words. Each may name {client}, {menu} and {operator}."""

    client: str
    at_once: str
    after_wait: str
    apologise_after_s: int


def greeting(wording: Wording, *, operator: str, menu: str = "", waited_s: float = 0) -> str:
    """The first sentence of an answered call.

    >>> words = Wording("さくら電機", "{client}{menu}、{operator}です。", "お待たせ。{client}。", 20)
    >>> greeting(words, operator="佐藤", menu="修理窓口", waited_s=4)
    'さくら電機 修理窓口、佐藤です。'
    >>> greeting(words, operator="佐藤", waited_s=20)
    'お待たせ。さくら電機。'
    """
    template = wording.after_wait if waited_s >= wording.apologise_after_s else wording.at_once
    return _filled(template, client=wording.client, menu=f" {menu}" if menu else "", operator=operator)


def calling(wording: Wording, *, operator: str, name: str = "") -> str:
    """The first sentence of a call that we make."""
    template = CALLING_NAMED if name else CALLING
    return _filled(template, client=wording.client, operator=operator, name=name)


def taking_over(wording: Wording, *, operator: str) -> str:
    """The first sentence to somebody who was handed on."""
    return _filled(TAKING_OVER, client=wording.client, operator=operator)


def _filled(template: str, **words: str) -> str:
    # Not str.format: people type the template, and a stray brace must not leave an operator speechless.
    for name, word in words.items():
        template = template.replace("{" + name + "}", word)
    return template.strip()
