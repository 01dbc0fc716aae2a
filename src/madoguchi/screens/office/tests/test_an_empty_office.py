"""An office in which nothing is set up yet names the first step, instead of forms that cannot be filled."""

import pytest
from django.urls import reverse

from madoguchi.domain.people.models import Account, Role
from madoguchi.screens.parts.tests.logged_in import browser_of

pytestmark = [pytest.mark.action, pytest.mark.django_db]

BEFORE_A_CLIENT = (
    "office:clients",
    "office:new-queue",
    "office:new-number",
    "office:flows",
    "office:retention",
    "customers-import",
)


@pytest.mark.parametrize("name", BEFORE_A_CLIENT)
def test_without_a_client_each_page_leads_to_adding_one(name: str) -> None:
    administrator = Account.objects.create(username="kanri", name="管理", role=Role.ADMINISTRATOR)
    page = browser_of(administrator).get(reverse(name)).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "クライアントがまだありません" in main
    assert f'href="{reverse("office:new-client")}"' in main
    assert 'method="post"' not in main


def test_without_people_or_skills_there_are_no_levels_to_save() -> None:
    administrator = Account.objects.create(username="kanri", name="管理", role=Role.ADMINISTRATOR)
    page = browser_of(administrator).get(reverse("office:matrix")).content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert f'href="{reverse("office:skills")}">スキルを追加</a>' in main
    assert 'method="post"' not in main
