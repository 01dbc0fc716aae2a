"""`madoguchi reseal`, and what the doctor says of sealed passwords."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import translation

from madoguchi.domain.agents import actions as agents
from madoguchi.domain.agents.models import Agent
from madoguchi.domain.people import actions as people
from madoguchi.domain.people.second_factors import SEALED, secrets_of
from madoguchi.domain.switchboard.sealing import SealBroken, unreadable
from madoguchi.domain.trunks import actions as trunks
from madoguchi.domain.trunks.models import Trunk
from madoguchi.program.errors import ProgramError


@transaction.atomic
def reseal(*, forget: bool) -> Iterator[str]:
    """Seal all passwords anew, or none; what was done, in sentences. Raises ProgramError."""
    try:
        phones, renewed = agents.reseal(forget=forget)
        lines, forgotten = trunks.reseal(forget=forget)
        factors, taken = people.reseal_second_factors(forget=forget)
    except SealBroken as error:
        with translation.override("en"):
            raise ProgramError(error.shown()) from error
    said = [f"{phones + lines} passwords are sealed with the newest key"]
    if renewed:
        said.append(f"{renewed} telephones have a new password: browsers take it at their next log-in")
    if forgotten:
        said.append(f"{forgotten} lines have no password any more: type it anew in the office")
    if factors:
        said.append(f"{factors} second factors are sealed with it too")
    if taken:
        said.append(f"{taken} second factors are gone: their people set up new ones after the next log-in")
    return iter(said)


def sealed_and_unreadable() -> tuple[int, int]:
    """How many passwords are stored, and how many of them we have no key for."""
    factors = Authenticator.objects.filter(type__in=SEALED).values_list("data")
    stored = [
        *Agent.objects.values_list("sip_secret_sealed", flat=True),
        *Trunk.objects.exclude(secret_sealed="").values_list("secret_sealed", flat=True),
        *(secret for (data,) in factors for secret in secrets_of(data)),
    ]
    return len(stored), unreadable(stored)
