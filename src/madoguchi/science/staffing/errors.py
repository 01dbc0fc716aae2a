"""What can be wrong with a question about staff.

Nothing here is answered by NaN, infinity or a silent zero: an impossible question is refused in words. The
messages are the English originals; the command translates them (`program.staffing`).
"""

from typing import ClassVar

from madoguchi.kit.errors import MadoguchiError


class StaffingError(MadoguchiError):
    """A question that has no answer."""

    code = "staffing"
    status: ClassVar[int] = 422


class NotANumber(StaffingError):
    """A value is NaN, infinite where that means nothing, or no number at all."""

    code = "staffing_not_a_number"
    message = "{name} must be a finite number."


class TooSmall(StaffingError):
    """A value lies below what is possible: no agents, a negative rate, a patience of zero."""

    code = "staffing_too_small"
    message = "{name} must be at least {least}; {value} is too small."


class NotPositive(StaffingError):
    """A value that must be more than zero is not."""

    code = "staffing_not_positive"
    message = "{name} must be more than zero, not {value}."


class TooLarge(StaffingError):
    """A value lies above what the formulas are proven for."""

    code = "staffing_too_large"
    message = "{name} may be {most} at most; {value} is too large."


class TooManyStates(TooLarge):
    """A chain too large to be solved."""

    code = "staffing_too_many_states"
    message = (
        "The exact method would need {value} states, and {most} are the most. Take the fixed point, which "
        "tells its error."
    )


class NotWhole(StaffingError):
    """People, lines and places come in whole numbers."""

    code = "staffing_not_whole"
    message = "{name} must be a whole number, not {value}."


class NotAShare(StaffingError):
    """A share or probability lies outside 0 to 1."""

    code = "staffing_not_a_share"
    message = "{name} must lie between 0 and 1 (0 % and 100 %), not {value}."


class NotBetween(NotAShare):
    """A share is 0 or 1 where only infinitely many people, or none, would answer."""

    code = "staffing_not_between"
    message = "{name} must lie between 0 % and 100 %, both excluded; {value} does not."


class AllLost(NotAShare):
    """A shrinkage of 100 %."""

    code = "staffing_all_lost"
    message = "With a shrinkage of 100 % nobody is ever there."


class Unstable(StaffingError):
    """More work comes than the agents can do, and nobody gives up: the queue has no end."""

    code = "staffing_unstable"
    message = (
        "The load of {load:g} Erlang is too much for {agents} agents: without abandonment the queue grows "
        "for ever. At least {least} agents are needed."
    )


class OutOfReach(StaffingError):
    """No number of agents meets the goal."""

    code = "staffing_out_of_reach"
    message = "No number of agents up to {most} reaches the goal {goal}."


class NeverCertain(OutOfReach):
    """A goal that only infinitely many people reach for certain."""

    code = "staffing_never_certain"
    message = "No number reaches {goal} for certain, since more calls may always come. Ask for 99.9 %, say."


class ShapesDiffer(StaffingError):
    """Arrays that do not fit together."""

    code = "staffing_shapes_differ"
    message = "The arrays have shapes that do not fit together: {shapes}."


class Unsolved(StaffingError):
    """An iteration did not end; says what could not be found."""

    code = "staffing_unsolved"
    message = "No answer was found for {what}; the values are too extreme for this method."


class VanishinglySmall(RuntimeWarning):
    """A probability below 2.2e-308 is given as 0: floating-point numbers end there."""
