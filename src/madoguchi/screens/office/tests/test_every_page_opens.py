"""Every page of the office opens for those who may, and only for them."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from madoguchi.domain.clients.models import Client, Hours, Number
from madoguchi.domain.flows.models import Flow
from madoguchi.domain.people.models import Account, Role
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.queues.models import Queue
from madoguchi.domain.trunks.models import Trunk
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

LISTS = (
    *("overview", "clients", "new-client", "numbers", "new-number", "hours", "flows", "prompts", "queues"),
    *(
        "new-queue",
        "people",
        "new-person",
        "skills",
        "matrix",
        "trunks",
        "new-trunk",
        "reasons",
        "retention",
        "record",
    ),
)
ONLY_ADMINISTRATORS = {"new-person", "trunks", "new-trunk", "retention", "record"}


def test_every_page_opens_for_the_administrator(office: Browser) -> None:
    addresses = [reverse(f"office:{name}") for name in LISTS]
    for name, model in (
        ("client", Client),
        ("number", Number),
        ("hours-page", Hours),
        ("flow", Flow),
        ("queue", Queue),
        ("person", Account),
        ("trunk", Trunk),
    ):
        addresses += [reverse(f"office:{name}", args=[row.pk]) for row in model._default_manager.all()[:2]]
    prompt = Prompt.objects.create(name="ごあいさつ", text="こんにちは。")
    addresses.append(reverse("office:prompt", args=[prompt.pk]))
    flow = Flow.objects.get(name="さくら電機 代表")
    page = reverse("office:flow", args=[flow.pk])
    addresses += [f"{page}?step={node}" for node in ("hello", "menu", "repair")]
    addresses += [f"{page}?keys=1", f"{page}?keys=-", reverse("office:flow-version", args=[flow.pk, 1])]
    number = Number.objects.all()[0]
    for at in ("2026-11-23T10:00", "0001-01-01T00:00", "9999-12-31T23:59", "x", "2026-11-23T01:30%2b09:00"):
        addresses.append(reverse("office:preview", args=[number.pk]) + f"?at={at}")
    for address in addresses:
        assert office.get(address).status_code == 200, address


def test_operators_stay_out_and_supervisors_do_not_change_lines_and_people(office: Browser) -> None:
    operator = browser_of(Account.objects.filter(role=Role.OPERATOR)[0])
    supervisor = browser_of(Account.objects.get(role=Role.SUPERVISOR))
    for name in LISTS:
        address = reverse(f"office:{name}")
        assert operator.get(address).status_code == 403, name
        assert supervisor.get(address).status_code == (403 if name in ONLY_ADMINISTRATORS else 200), name
        assert Browser().get(address).status_code == 302, name
