"""Flows that the tests of this room share."""

from typing import Any

HOWTO, OTHER = 1, 2

MENU: dict[str, Any] = {
    "format": 1,
    "language": "ja",
    "entry": "hello",
    "nodes": {
        "hello": {"verb": "say", "prompts": [{"text": "お電話ありがとうございます。"}], "next": "notice"},
        "notice": {
            "verb": "say",
            "prompts": [{"built_in": "recording_notice"}],
            "skippable": False,
            "next": "menu",
        },
        "menu": {
            "verb": "ask",
            "prompts": [{"text": "使い方は1を、その他は2を押してください。"}],
            "keys": {
                "1": {"next": "howto", "label": "使い方"},
                "2": {"next": "other", "label": "その他"},
                "9": {"next": "bye", "label": "終わり"},
            },
            "wait_s": 5,
            "tries": 3,
            "way_out": "other",
        },
        "howto": {"verb": "enqueue", "queue": HOWTO, "priority": 1, "reason": 7, "otherwise": "full"},
        "other": {"verb": "enqueue", "queue": OTHER},
        "full": {"verb": "hang_up", "prompts": [{"built_in": "waited_too_long"}], "outcome": "ivr_error"},
        "bye": {"verb": "hang_up", "prompts": [{"built_in": "farewell"}]},
    },
}


def flow(entry: str, **nodes: dict[str, Any]) -> dict[str, Any]:
    """A flow out of its nodes."""
    return {"format": 1, "language": "ja", "entry": entry, "nodes": nodes}


def say(to: str | None, *texts: str, **more: Any) -> dict[str, Any]:
    """A say step."""
    return {"verb": "say", "prompts": [{"text": text} for text in texts or ("はい",)], "next": to, **more}


def ask(way_out: str | None, **keys: str | None) -> dict[str, Any]:
    """An ask step; keys as k1=…, k2=…"""
    ways = {name[1:]: {"next": to, "label": name} for name, to in keys.items()}
    return {"verb": "ask", "prompts": [{"text": "番号をどうぞ"}], "keys": ways, "way_out": way_out}


def enqueue(queue: int | None = 1, **more: Any) -> dict[str, Any]:
    """An enqueue step."""
    return {"verb": "enqueue", "queue": queue, **more}


def hang_up(*texts: str) -> dict[str, Any]:
    """A hang up step."""
    return {"verb": "hang_up", "prompts": [{"text": text} for text in texts or ("さようなら",)]}
