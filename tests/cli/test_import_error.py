"""Import errors as people read them."""

import pytest

from tradewind.cli.import_error import block


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("/d/a.py:3: KeyError: 'x'", "/d/a.py:3\n  KeyError: 'x'"),
        ("/d/a.py: it ended", "/d/a.py\n  it ended"),
        ("something else", "/d/a.py\n  something else"),
        ("/d/a.py:3: E\n\nTraceback\n  f\n\n", "/d/a.py:3\n  E\n\n    Traceback\n      f"),
    ],
)
def test_where_what_and_the_rest(error: str, shown: str) -> None:
    assert block("/d/a.py", error) == shown
