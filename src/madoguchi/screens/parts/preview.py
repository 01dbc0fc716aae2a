"""Every part on one page, to look at: `python -m madoguchi.screens.parts.preview FILE.html`."""

import sys
from datetime import timedelta
from pathlib import Path

import django
from django import forms
from django.template.loader import render_to_string
from django.utils import timezone, translation

from madoguchi.domain.agents.states import Activity, Presence


class SampleForm(forms.Form):
    """One field of each form that a screen uses."""

    name = forms.CharField(label="氏名", help_text="姓と名の間を空けてください。")
    kana = forms.CharField(label="フリガナ", required=False)
    queue = forms.ChoiceField(label="待ち列", choices=[("repair", "修理窓口"), ("orders", "ご注文")])
    taken = forms.ChoiceField(
        label="受け止め",
        choices=[("understood", "理解"), ("accepted", "納得"), ("satisfied", "満足")],
        widget=forms.RadioSelect,
        required=False,
    )
    home = forms.BooleanField(label="在宅で勤務する", required=False)
    note = forms.CharField(label="要約", widget=forms.Textarea, required=False)


def page(language: str = "ja") -> str:
    """The preview as HTML; needs Django set up, no database."""
    now = timezone.now()
    with translation.override(language):
        return render_to_string(
            "parts/preview.html",
            {
                "now": now - timedelta(seconds=42),
                "earlier": now - timedelta(seconds=98),
                "later": now + timedelta(seconds=75),
                "long_ago": now - timedelta(days=1, hours=3),
                "presences": Presence.choices,
                "activities": Activity.choices,
                "form": SampleForm({"kana": "タカハシ"}),
            },
        )


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[1]).write_text(page())
