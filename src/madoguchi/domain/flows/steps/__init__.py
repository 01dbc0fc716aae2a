"""The verbs of a call flow. A new verb: copy a file here, change it, add it to the list below."""

from typing import Final

from madoguchi.domain.flows.steps.ask import Ask
from madoguchi.domain.flows.steps.enqueue import Enqueue
from madoguchi.domain.flows.steps.hang_up import HangUp
from madoguchi.domain.flows.steps.say import Say
from madoguchi.domain.flows.steps.shape import Step

STEPS: Final[dict[str, type[Step]]] = {step.verb: step for step in (Say, Ask, Enqueue, HangUp)}
