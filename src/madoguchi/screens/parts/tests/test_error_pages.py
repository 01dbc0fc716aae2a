"""Error pages say what happened, what is safe and what to do."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, override_settings

from madoguchi.domain.calls.tests.a_day import account

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@override_settings(DEBUG=False)
def test_a_page_that_is_not_there_says_so_in_japanese(client: Client) -> None:
    answer = client.get("/no/such/page", headers={"accept-language": "ja"})
    assert answer.status_code == 404
    assert "このページはありません" in answer.content.decode()


@override_settings(DEBUG=False)
def test_a_form_with_a_character_that_cannot_be_stored_is_refused_in_words(client: Client) -> None:
    client.force_login(account("sv", "山田", "supervisor"))
    answer = client.post("/office/reasons/add/", {"name": "修理\0", "client": ""})
    assert answer.status_code == 400
    assert "保存できない文字" in answer.content.decode()
    assert client.post("/office/reasons/add/", {"name": "修理", "client": ""}).status_code == 302


def test_the_page_of_a_fault_needs_no_request() -> None:
    assert 'href="/"' in render_to_string("500.html")
