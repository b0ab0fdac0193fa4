"""Keys are made once, kept private, and the same for all who ask."""

import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.patience import PATIENCE_S
from tradewind.config.load import load_settings
from tradewind.config.secrets import fernet_key, jwt_secret, read_or_create
from tradewind.model.errors import InvalidSetting


def test_a_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    settings = load_settings({"TRADEWIND_HOME": str(tmp_path)})

    key = settings.core.fernet_key

    assert key == (tmp_path / "fernet-key").read_text().strip() == fernet_key(settings)
    assert load_settings({"TRADEWIND_HOME": str(tmp_path)}).core.fernet_key == key
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"text")) == b"text"
    assert stat.S_IMODE((tmp_path / "fernet-key").stat().st_mode) == 0o600
    assert len(jwt_secret(settings)) >= 64
    assert settings.api_auth.jwt_secret == (tmp_path / "jwt-secret").read_text().strip()


def test_an_option_outranks_the_file(tmp_path: Path) -> None:
    settings = load_settings({"TRADEWIND_HOME": str(tmp_path), "AIRFLOW__CORE__FERNET_KEY": "mine"})
    assert fernet_key(settings) == "mine"
    assert not (tmp_path / "fernet-key").exists()


def test_all_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    got: list[str] = []
    start = threading.Barrier(8)

    def ask(fresh: str) -> None:
        start.wait(PATIENCE_S)
        got.append(read_or_create(tmp_path / "key", fresh))

    threads = [threading.Thread(target=ask, args=(f"secret{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert len(set(got)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\n")
    with pytest.raises(InvalidSetting, match="is empty; remove it"):
        read_or_create(tmp_path / "key", "fresh")
