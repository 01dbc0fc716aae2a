"""What can be wrong with a plan of shifts."""

from collections.abc import Sequence

from madoguchi.science.staffing.errors import StaffingError
from madoguchi.science.staffing.shifts.rules import CoverRule, Rule


class WrongShift(StaffingError):
    """A shift type, or a name in a plan, contradicts itself."""

    code = "shifts_wrong_shift"
    message = "The shift {name} is impossible: {why}."


class RulesClash(StaffingError):
    """No plan keeps all of `rules`; without any one of them there may be one."""

    code = "shifts_rules_clash"
    message = "No plan keeps all of these rules: {rules}."

    clash: tuple[Rule, ...] = ()
    """The rules of a roster as data, to be said in any language; empty where shifts cover a need."""
    covering: tuple[CoverRule, ...] = ()
    """The same where shifts cover a need."""

    least: bool = True
    """Whether it is shown that none of them can be left out; False: they clash, and fewer may."""

    @classmethod
    def of(cls, clash: Sequence[Rule], least: bool = True) -> "RulesClash":
        """The clash of a roster."""
        error = cls(rules="; ".join(str(rule) for rule in clash))
        error.clash, error.least = tuple(clash), least
        return error

    @classmethod
    def of_covering(cls, clash: Sequence[CoverRule]) -> "RulesClash":
        """The clash of shifts that are to cover a need."""
        error = cls(rules="; ".join(str(rule) for rule in clash))
        error.covering = tuple(clash)
        return error

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules, one each."""
        return tuple(str(self.data["rules"]).split("; "))


class NotFoundInTime(StaffingError):
    """The time was over before a plan was found; there may be one."""

    code = "shifts_not_found_in_time"
    message = "No plan was found in the time given. That does not say that there is none."


class LeftOpen(NotFoundInTime):
    """The best roster found leaves duties open; whether a fuller one exists was not decided in time."""

    code = "shifts_left_open"
    message = (
        "The best roster found leaves open: {left}. Whether there is a fuller one was not decided in time."
    )
