"""Error pages say what happened, what is safe and what to do."""

import pytest
from django.template.loader import render_to_string
from django.test import Client, override_settings

pytestmark = [pytest.mark.action, pytest.mark.django_db]


@override_settings(DEBUG=False)
def test_a_page_that_is_not_there_says_so_in_japanese(client: Client) -> None:
    answer = client.get("/no/such/page", headers={"accept-language": "ja"})
    assert answer.status_code == 404
    assert "このページはありません" in answer.content.decode()


def test_the_page_of_a_fault_needs_no_request() -> None:
    assert 'href="/"' in render_to_string("500.html")
