"""Merging the areas' Japanese into one catalogue."""

import gettext
from pathlib import Path

import pytest

from madoguchi.program import translations

pytestmark = pytest.mark.pure

CALLS = """
# a comment
msgid "Answer"
msgstr "応答"

msgctxt "of a queue"
msgid "Open"
msgstr "受付中"

msgid "%(n)s call"
msgid_plural "%(n)s calls"
msgstr[0] "%(n)s 件"

msgid ""
"a long "
"line \\"quoted\\"\\n"
msgstr ""
"長い"
"行「引用」\\n"

#, fuzzy
msgid "Unsure"
msgstr "たぶん"
"""


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    (tmp_path / "ja.d").mkdir()
    (tmp_path / "ja.d" / "calls.po").write_text(CALLS)
    return tmp_path


def _catalogue(locale: Path) -> gettext.GNUTranslations:
    assert translations.compile_catalogue(locale)
    return gettext.GNUTranslations((locale / "ja" / "LC_MESSAGES" / "django.mo").open("rb"))


def test_what_the_areas_say_is_what_gettext_reads(locale: Path) -> None:
    catalogue = _catalogue(locale)
    assert catalogue.gettext("Answer") == "応答"
    assert catalogue.pgettext("of a queue", "Open") == "受付中"
    assert catalogue.ngettext("%(n)s call", "%(n)s calls", 3) == "%(n)s 件"
    assert catalogue.gettext('a long line "quoted"\n') == "長い行「引用」\n"
    assert catalogue.gettext("Unsure") == "Unsure"


def test_the_merged_text_reads_back_the_same(locale: Path) -> None:
    translations.compile_catalogue(locale)
    merged = list(translations.read(locale / "ja" / "LC_MESSAGES" / "django.po"))
    assert [(e.key, e.plural, e.translated) for e in merged] == [
        (e.key, e.plural, e.translated) for e in translations.merge(locale)
    ]


def test_two_areas_that_disagree_are_named(locale: Path) -> None:
    (locale / "ja.d" / "desk.po").write_text('msgid "Answer"\nmsgstr "出る"\n')
    with pytest.raises(translations.TranslationError, match=r"calls\.po:3.*desk\.po:1"):
        translations.merge(locale)


def test_a_line_that_is_no_po_is_named(locale: Path) -> None:
    (locale / "ja.d" / "desk.po").write_text('msgid "Hold\nmsgstr "保留"\n')
    with pytest.raises(translations.TranslationError, match=r"desk\.po:1"):
        translations.merge(locale)
