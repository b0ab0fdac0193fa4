"""Installed providers are found by metadata, and imported only in a child process."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.providers.wheels import unpack, write_provider
from tradewind.cli.main import cli
from tradewind.loading import providers
from tradewind.loading.providers import check_provider, installed_providers


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, for this process and its children."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def _install(site: Path, name: str, **more: list[str]) -> Path:
    unpack(write_provider(site.parent, name, "1.2.3", **more), site)
    return site / "airflow" / "providers" / name


def test_a_provider_is_read_without_being_imported_here(site: Path) -> None:
    _install(site, "thing")
    (found,) = [each for each in installed_providers() if each.package_name.endswith("-thing")]
    assert (found.version, found.description) == ("1.2.3", "All of thing")
    assert found.info["connection-types"][0]["connection-type"] == "thing"
    assert not any(name.startswith("airflow.providers.thing") for name in sys.modules)


def test_one_that_kills_its_process_harms_only_itself(site: Path) -> None:
    folder = _install(site, "aaa")
    (folder / "get_provider_info.py").write_text("import os; os._exit(7)")
    _install(site, "bbb")
    first, second = installed_providers()[:2]
    assert first.error == "ended its process: exit code 7"
    assert second.info["name"] == "bbb"


def test_checking_tells_each_failure_and_goes_on(site: Path) -> None:
    folder = _install(site, "thing", requires=["some-lib; extra == 'lib'"])
    record = next(site.glob("*thing*.dist-info")) / "RECORD"
    for name, text in {
        "breaks.py": "raise ValueError('of all\\nthings')",
        "crashes.py": "import os; os.kill(os.getpid(), 9)",
        "leaves.py": "raise SystemExit(3)",
        "wants.py": "import some.lib.deep",
        "lacks.py": "import nobodys_library",
        "works.py": "print('noise')",
    }.items():
        (folder / name).write_text(text)
        with record.open("a") as lines:
            lines.write(f"airflow/providers/thing/{name},,\n")
    (site / "some").mkdir()
    checked = check_provider(installed_providers()[0])
    assert checked.modules == 9
    package = "airflow.providers.thing."
    assert checked.failed == {
        f"{package}breaks": "ValueError: of all things",
        f"{package}crashes": "ended its process: signal 9",
        f"{package}leaves": "SystemExit: 3",
        f"{package}lacks": "ModuleNotFoundError: No module named 'nobodys_library'",
    }
    assert checked.optional == {f"{package}wants": "needs some-lib: install the extra [lib]"}


def test_a_class_that_is_only_promised_is_a_failure(site: Path) -> None:
    folder = _install(site, "thing")
    (folder / "hook.py").write_text("")
    checked = check_provider(installed_providers()[0])
    assert list(checked.failed) == ["airflow.providers.thing.hook.ThingHook"]


def test_one_that_hangs_is_ended(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "SILENCE_S", 2.0)
    folder = _install(site, "thing")
    (folder / "get_provider_info.py").write_text("import time; time.sleep(600)")
    assert installed_providers()[0].error == "took more than 2 s to import"


def test_the_child_knows_no_secrets(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADEWIND__CORE__FERNET_KEY", "secret")
    folder = _install(site, "thing")
    (folder / "get_provider_info.py").write_text(
        "import os\ndef get_provider_info():\n    return {'description': ' '.join(os.environ)}\n"
    )
    told = installed_providers()[0].description.split()
    assert "PYTHONPATH" in told and "TRADEWIND__CORE__FERNET_KEY" not in told


def test_the_commands(site: Path) -> None:
    folder = _install(site, "thing")
    ask = CliRunner().invoke
    listed = json.loads(ask(cli, ["providers", "list", "-o", "json"]).stdout)
    assert listed == [
        {
            "package_name": "apache-airflow-providers-thing",
            "version": "1.2.3",
            "description": "All of thing",
        }
    ]
    assert "connection-types" in ask(cli, ["providers", "get", "thing", "-f"]).stdout
    good = ask(cli, ["providers", "check", "thing", "-o", "json"])
    assert (good.exit_code, json.loads(good.stdout)[0]["failures"]) == (0, {})
    (folder / "hook.py").write_text("1/0")
    bad = ask(cli, ["providers", "check"])
    assert bad.exit_code == 1
    assert "failed: airflow.providers.thing.hook: ZeroDivisionError: division by zero" in bad.stderr
