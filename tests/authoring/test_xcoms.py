"""What a task pushes."""

import pytest

from tradewind.authoring import xcoms


def test_a_key_has_at_most_512_characters() -> None:
    assert xcoms.as_data("t", "k" * 512, [1]) == [1]
    with pytest.raises(ValueError, match=r"task 't': the key .* at most 512 .* has 513"):
        xcoms.as_data("t", "k" * 513, [1])
