"""The page about the command line is the one the commands write."""

from tradewind.cli.reference import TARGET, render


def test_the_page_is_up_to_date() -> None:
    assert TARGET.read_text() == render(), "run `python -m tradewind.cli.reference`"
