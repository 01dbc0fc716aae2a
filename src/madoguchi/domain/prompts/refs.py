"""What a step wants said, by reference: typed text, a stored prompt, or a sentence of the house."""

from dataclasses import dataclass

from madoguchi.domain.prompts.built_in import BuiltIn


@dataclass(frozen=True)
class Spoken:
    """Text typed into the step itself, spoken by the machine."""

    text: str
    language: str = "ja"


@dataclass(frozen=True)
class Stored:
    """A row of `Prompt`: text or an uploaded recording with a name."""

    prompt_id: int


@dataclass(frozen=True)
class Ready:
    """A sentence that comes with the product; `number` fills its gap (position, minutes)."""

    key: BuiltIn
    language: str = "ja"
    number: int | None = None


PromptRef = Spoken | Stored | Ready
