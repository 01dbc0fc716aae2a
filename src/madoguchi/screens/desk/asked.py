"""What a desk sends with a verb, read once: typed values or an error that names the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.calls.models import Call, WrapUp
from madoguchi.kit.clock import from_local, local, now
from madoguchi.screens.desk.errors import Malformed, NotYourCall

LONGEST = 10_000
LONGEST_WRITING = 40_000
"""A form takes 8,000 characters; the texts of several windows may come together in one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of one person at the phone."""

    agent: Agent
    fields: Mapping[str, Any]

    @property
    def account_id(self) -> int:
        return self.agent.account_id

    def text(self, name: str, *, most: int = LONGEST, required: bool = False) -> str:
        value = self.fields.get(name)
        if value is None:
            value = ""
        if not isinstance(value, str) or len(value) > most or "\x00" in value:
            raise Malformed(field=name)
        if required and not value.strip():
            raise Malformed(field=name)
        return value.strip()

    def writing(self, name: str) -> str | None:
        """Free text exactly as it stands in its field; None when it was not sent."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > LONGEST_WRITING or "\x00" in value:
            raise Malformed(field=name)
        return value

    def number(self, name: str) -> int | None:
        value = self.fields.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise Malformed(field=name)
        try:
            found = int(value)
        except ValueError as error:
            raise Malformed(field=name) from error
        if abs(found) >= 2**63:
            raise Malformed(field=name)
        return found

    def required_number(self, name: str) -> int:
        found = self.number(name)
        if found is None:
            raise Malformed(field=name)
        return found

    def id(self, name: str) -> UUID:
        try:
            return UUID(str(self.fields[name]))
        except (KeyError, ValueError) as error:
            raise Malformed(field=name) from error

    def flag(self, name: str) -> bool:
        return self.fields.get(name) in (True, "1", "on", "true")

    def words(self, name: str) -> list[str]:
        """One text or a list of them, as a form sends its ticks."""
        value = self.fields.get(name)
        values = [] if value in (None, "") else value if isinstance(value, list) else [value]
        if len(values) > 50 or not all(isinstance(one, str) and len(one) <= 200 for one in values):
            raise Malformed(field=name)
        return values

    def day(self, name: str) -> date | None:
        text = self.text(name, most=10)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError as error:
            raise Malformed(field=name) from error

    def moment(self, name: str) -> datetime | None:
        """A wall-clock time of the centre, `2026-11-21T18:30`."""
        text = self.text(name, most=25)
        try:
            return from_local(datetime.fromisoformat(text)) if text else None
        except ValueError as error:
            raise Malformed(field=name) from error

    def coming_time(self, name: str) -> datetime | None:
        """The next moment at which the wall clock shows this, `14:30`."""
        text = self.text(name, most=8)
        if not text:
            return None
        try:
            wanted = time.fromisoformat(text)
        except ValueError as error:
            raise Malformed(field=name) from error
        at = now()
        found = from_local(datetime.combine(local(at).date(), wanted))
        return found if found > at else found + timedelta(days=1)

    def own_call(self) -> Call:
        """The call that is at this desk: talked about, or being wrapped up. Raises `NotYourCall`."""
        call_id = self.id("call_id")
        writing = WrapUp.objects.filter(call_id=call_id, agent=self.agent, ended_at__isnull=True)
        if self.agent.activity_call_id != call_id and not writing.exists():
            raise NotYourCall
        call = Call.objects.filter(pk=call_id).first()
        if call is None:
            raise NotYourCall
        return call


def read(request: HttpRequest, agent: Agent) -> Asked:
    """The request's JSON object. Raises `Malformed`."""
    try:
        fields = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Malformed(field="JSON") from error
    if not isinstance(fields, dict):
        raise Malformed(field="JSON")
    return Asked(agent, fields)
