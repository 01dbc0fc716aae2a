"""What can be wrong with a plan of shifts."""

from madoguchi.science.staffing.errors import StaffingError


class WrongShift(StaffingError):
    """A shift type, or a name in a plan, contradicts itself."""

    code = "shifts_wrong_shift"
    message = "The shift {name} is impossible: {why}."


class RulesClash(StaffingError):
    """No plan keeps all of `rules`; without any one of them there may be one."""

    code = "shifts_rules_clash"
    message = "No plan keeps all of these rules: {rules}."

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules, one each."""
        return tuple(str(self.data["rules"]).split("; "))


class NotFoundInTime(StaffingError):
    """The time was over before a plan was found; there may be one."""

    code = "shifts_not_found_in_time"
    message = "No plan was found in the time given. That does not say that there is none."
