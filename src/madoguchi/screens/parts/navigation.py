"""Which screens stand in the header for whom."""

from dataclasses import dataclass

from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from madoguchi.domain.people.models import Role

LEADERS = {Role.SUPERVISOR, Role.ADMINISTRATOR}
LISTENERS = LEADERS | {Role.QUALITY}


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    label: Promise
    roles: frozenset[str]
    for_phones: bool = False
    """Only for who has a place at the phone."""


NAVIGATION = (
    Entry("/desk/", pgettext_lazy("screen", "Desk"), frozenset(Role), for_phones=True),
    Entry("/floor/", pgettext_lazy("screen", "Floor"), frozenset(LISTENERS)),
    Entry("/calls/", pgettext_lazy("screen", "Calls"), frozenset(Role)),
    Entry("/customers/", pgettext_lazy("screen", "Customers"), frozenset(Role)),
    Entry("/planning/", pgettext_lazy("screen", "Planning"), frozenset(LEADERS)),
    Entry("/reports/", pgettext_lazy("screen", "Figures"), frozenset(LISTENERS)),
    Entry("/office/", pgettext_lazy("screen", "Office"), frozenset(LEADERS)),
)


def entries(role: str, path: str, *, at_the_phone: bool = True) -> list[dict[str, object]]:
    """The screens of a role that exist in this installation; `current` marks the one of `path`."""
    return [
        {"path": entry.path, "label": entry.label, "current": path.startswith(entry.path)}
        for entry in NAVIGATION
        if role in entry.roles and (at_the_phone or not entry.for_phones) and _exists(entry.path)
    ]


def _exists(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
