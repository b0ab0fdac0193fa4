"""`macros.ds_format_locale`: a date by a pattern of Unicode's, in a language."""

import pytest

from tradewind.authoring.macros import ds_format_locale


@pytest.mark.parametrize(
    ("pattern", "locale", "text"),
    [
        ("MM-dd-yy", None, "01-02-15"),
        ("yyyy-MM-dd", "en_US", "2015-01-02"),
        ("EEEE dd MMMM yyyy", "en_US", "Friday 02 January 2015"),
        ("EEEE d. LLLL y", "de_DE", "Freitag 2. Januar 2015"),
        ("EEEE dd MMMM yyyy", "nl_BE", "vrijdag 02 januari 2015"),
        ("d MMM 'at' HH:mm 'o''clock'", "en", "2 Jan at 00:00 o'clock"),
    ],
)
def test_patterns(pattern: str, locale: str | None, text: str) -> None:
    assert ds_format_locale("2015-01-02", "%Y-%m-%d", pattern, locale) == text


def test_a_letter_without_meaning_and_an_unknown_language_are_named() -> None:
    with pytest.raises(ValueError, match="'J' in a date's pattern is none of"):
        ds_format_locale("2015-01-02", "%Y-%m-%d", "J")
    with pytest.raises(ValueError, match="no dates are known in the language 'xx_YY'"):
        ds_format_locale("2015-01-02", "%Y-%m-%d", "yyyy", "xx_YY")
