"""What the template tags write."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from madoguchi.domain.agents.states import Activity, Presence
from madoguchi.screens.parts import tags
from madoguchi.screens.parts.navigation import NAVIGATION, entries
from madoguchi.screens.parts.preview import page

pytestmark = pytest.mark.pure


def render(source: str, **values: object) -> str:
    return Template("{% load parts %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (0, "0:00"),
        (42, "0:42"),
        (725, "12:05"),
        (3723, "1:02:03"),
        (86_399, "23:59:59"),
        (-3, "0:00"),
        (None, ""),
    ],
)
def test_a_span_is_a_running_clock(span: int | None, shown: str) -> None:
    assert tags.running_clock(span) == shown
    assert tags.running_clock(timedelta(seconds=span) if span is not None else None) == shown


def test_a_span_of_days_is_said_in_days_and_hours() -> None:
    with translation.override("ja"):
        assert tags.running_clock(250_805) == "2日21時間"
    with translation.override("en"):
        assert tags.running_clock(86_400) == "1 d 0 h"


def test_a_clock_carries_its_moment_and_its_limits() -> None:
    at = timezone.now() - timedelta(seconds=98)
    html = render("{% clock at soon=60 hurt=120 %}", at=at)
    assert f'at="{at.isoformat()}"' in html.replace("+00:00", "+00:00")
    assert 'soon-after="60"' in html
    assert 'hurt-after="120"' in html
    assert ">1:38<" in html
    assert render("{% clock at %}", at=None) == ""


def test_a_moment_is_shown_in_the_centre_s_zone() -> None:
    with translation.override("ja"):
        assert tags.short_time(datetime(2025, 11, 20, 15, 5, tzinfo=UTC)) == "2025/11/21 (金) 0:05"


def test_every_presence_and_activity_has_a_shape_of_its_own_and_its_word() -> None:
    for member in Presence:
        html = tags.presence_badge(member.value)
        assert str(member.label) in html
        assert "data-shape" in html
    for activity in Activity:
        assert str(activity.label) in tags.activity_badge(activity.value)
    shapes = [tags.PRESENCE_LOOK[member] for member in Presence if "off" not in tags.PRESENCE_LOOK[member]]
    assert len({shape for shape, _ in shapes}) >= 6


def test_what_people_typed_is_escaped() -> None:
    for html in (tags.badge("<b>&"), tags.phone_number("<i>03"), tags.key("<u>")):
        assert "<b>" not in html
        assert "<i>" not in html
        assert "<u>" not in html


class OneField(forms.Form):
    name = forms.CharField(label="氏名", help_text="姓と名")


def test_a_field_ties_label_help_and_error_to_the_input() -> None:
    html = render("{% field form.name autocomplete='off' %}", form=OneField({}))
    assert 'for="id_name"' in html
    assert 'aria-describedby="id_name-help id_name-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'autocomplete="off"' in html
    assert 'id="id_name-error"' in html
    good = render("{% field form.name %}", form=OneField({"name": "佐藤 恵"}))
    assert "aria-invalid" not in good


def test_people_see_only_the_screens_of_their_role() -> None:
    for entry in NAVIGATION:
        assert "administrator" in entry.roles
    assert {str(entry["path"]) for entry in entries("operator", "/desk/")} <= {
        "/desk/",
        "/calls/",
        "/customers/",
    }
    assert entries("", "/") == []


def test_the_desk_is_shown_to_people_with_a_telephone_only() -> None:
    paths = [entry["path"] for entry in entries("administrator", "/office/", at_the_phone=False)]
    assert "/desk/" not in paths
    assert "/office/" in paths
    assert "/desk/" in [entry["path"] for entry in entries("administrator", "/office/")]


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge・Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
         "Chrome・Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
         "Safari・iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_name_it(user_agent: str, shown: str) -> None:
    assert tags.device(user_agent) == shown


def test_the_preview_page_renders_in_both_languages_without_inline_code() -> None:
    for language in ("ja", "en"):
        html = page(language)
        assert f'<html lang="{language}">' in html
        for forbidden in ("onclick", "style=", "hx-on", "javascript:"):
            assert forbidden not in html


def test_the_account_menu_offers_the_other_language() -> None:
    request = RequestFactory().get("/desk/?a=1")
    template = Template('{% include "parts/account_menu.html" %}')
    with translation.override("ja"):
        assert 'value="en"' in template.render(Context({"request": request}))
    with translation.override("en"):
        assert 'value="ja"' in template.render(Context({"request": request}))
