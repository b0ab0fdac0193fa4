"""The page about the command line is the one the commands write."""

from tradewind.cli.reference import TARGET, reference


def test_the_page_is_up_to_date() -> None:
    assert TARGET.read_text() == reference(), "run `python -m tradewind.cli.reference`"
