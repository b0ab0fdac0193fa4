"""Secrets in answers."""

import pytest

from tradewind.model.secret_names import is_secret
from tradewind.server.masking import mask, unmask


@pytest.mark.parametrize(
    "name", ["password", "API-KEY", "my_secret_x", "accessToken", "PASSPHRASE"]
)
def test_secret_names(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["host", "region", "sslmode", "key_count", "pass"])
def test_other_names(name: str) -> None:
    assert not is_secret(name)


def test_everything_below_a_secret_key_is_masked() -> None:
    value = {"a": [{"token": {"x": 1}, "b": 2}], "secret": "", "password": None}
    assert mask(value) == {"a": [{"token": "***", "b": 2}], "secret": "", "password": None}


def test_masks_are_taken_off_where_they_were_put_on() -> None:
    stored = {"a": [{"token": "t1"}, {"token": "t2"}], "host": "***"}
    written = {"a": [{"token": "***"}, {"token": "new"}, {"token": "***"}], "host": "***"}
    assert unmask(written, stored) == {
        "a": [{"token": "t1"}, {"token": "new"}, {"token": "***"}],
        "host": "***",
    }
    assert unmask(mask(stored), stored) == stored
