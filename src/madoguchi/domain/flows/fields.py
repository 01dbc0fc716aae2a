"""Reading one node's fields out of JSON that may hold anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from madoguchi.domain.prompts.built_in import LANGUAGES, BuiltIn
from madoguchi.domain.prompts.refs import PromptRef, Ready, Spoken, Stored
from madoguchi.kit.errors import MadoguchiError

T = TypeVar("T")

MAX_PROMPTS = 10
MAX_STORED_TEXT = 2_000
KEYS = "1234567890*#"


class FlowUnreadable(MadoguchiError):
    """The JSON is no flow; `problems` lists every place by node, field and expectation."""

    code = "flow_unreadable"
    message = _("The flow cannot be read: {summary}")
    status = 422

    def __init__(self, problems: "list[Misfit]") -> None:
        summary = "; ".join(f"{one.node}.{one.field}: {one.expected}" for one in problems[:5])
        super().__init__(summary=summary)
        self.problems = problems


@dataclass(frozen=True)
class Misfit:
    """One place in the JSON that is not as it must be."""

    node: str
    field: str
    expected: str


@dataclass
class Fields:
    """The fields of one node. Each reader gives a usable value and notes what was wrong with the given."""

    node: str
    raw: Mapping[str, Any]
    language: str
    misfits: list[Misfit]
    _known: set[str] = field(default_factory=lambda: {"verb", "title"})

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number between `low` and `high`."""
        value = self._take(name, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        return self._misfit(name, f"a whole number from {low} to {high}", default)

    def identity(self, name: str) -> int | None:
        """The id of a row, or None."""
        value = self._take(name, None)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63):
            return value
        return self._misfit(name, "the id of a row", None)

    def yes(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._take(name, default)
        return value if isinstance(value, bool) else self._misfit(name, "true or false", default)

    def text(self, name: str, max_characters: int) -> str:
        """A text, empty when it is missing."""
        value = self._take(name, "")
        if isinstance(value, str) and len(value) <= max_characters:
            return value
        return self._misfit(name, f"a text of at most {max_characters} characters", "")

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of the allowed words."""
        value = self._take(name, default)
        if isinstance(value, str) and value in allowed:
            return value
        return self._misfit(name, f"one of {', '.join(allowed)}", default)

    def way(self, name: str) -> str | None:
        """The id of a node to go to, None while it leads nowhere."""
        return self._way(name, self._take(name, None))

    def keys(self, name: str) -> dict[str, tuple[str | None, str]]:
        """Key → node and label."""
        value = self._take(name, {})
        if not isinstance(value, Mapping):
            return self._misfit(name, "keys with where each leads", {})
        ways: dict[str, tuple[str | None, str]] = {}
        for key, target in value.items():
            if not (isinstance(key, str) and len(key) == 1 and key in KEYS and isinstance(target, Mapping)):
                self._misfit(name, f"one of {KEYS} for each key", None)
                continue
            label = target.get("label", "")
            if not isinstance(label, str) or len(label) > 40 or set(target) - {"next", "label"}:
                label = self._misfit(f"{name}.{key}", "next, and a label of at most 40 characters", "")
            ways[key] = (self._way(f"{name}.{key}", target.get("next")), label)
        return dict(sorted(ways.items(), key=lambda way: KEYS.index(way[0])))

    def prompts(self, name: str) -> tuple[PromptRef, ...]:
        """What to say: a list of {"text": …}, {"prompt": id} and {"built_in": key}."""
        value = self._take(name, [])
        if not isinstance(value, list) or len(value) > MAX_PROMPTS:
            return self._misfit(name, f"a list of at most {MAX_PROMPTS} things to say", ())
        refs = [self._prompt(one) for one in value]
        if None in refs:
            self._misfit(name, "text, prompt or built_in for each thing to say", None)
        return tuple(ref for ref in refs if ref is not None)

    def finish(self) -> None:
        """Note the fields nobody read: a misspelt field must not be passed over in silence."""
        for name in sorted(str(name) for name in self.raw if name not in self._known):
            self._misfit(name, "no such field", None)

    def _prompt(self, value: object) -> PromptRef | None:
        match value:
            case {"text": str(text), **rest} if len(text) <= MAX_STORED_TEXT and not set(rest) - {"language"}:
                language = rest.get("language", self.language)
                return Spoken(text, language) if language in LANGUAGES else None
            case {"prompt": int(prompt_id), **rest} if not rest and not isinstance(prompt_id, bool):
                return Stored(prompt_id)
            case {"built_in": str(key), **rest} if not rest and key in set(BuiltIn):
                return Ready(BuiltIn(key), self.language)
        return None

    def _way(self, name: str, value: object) -> str | None:
        if value is None or (isinstance(value, str) and value):
            return value
        return self._misfit(name, "the id of a node", None)

    def _take(self, name: str, default: object) -> Any:
        self._known.add(name)
        return self.raw.get(name, default)

    def _misfit(self, name: str, expected: str, instead: T) -> T:
        self.misfits.append(Misfit(self.node, name, expected))
        return instead
