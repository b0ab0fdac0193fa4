"""Providers come from an index, Apache Airflow does not; a failure changes nothing."""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.providers.wheels import write_provider, write_wheel
from tradewind.cli.providers import installing
from tradewind.cli.providers.installing import find_installer, install
from tradewind.cli.providers.stand_in import STAND_INS, write_wheels
from tradewind.model.errors import EnvironmentFailure
from tradewind.model.version import VERSION


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of wheels: two providers, what they need, and an `apache-airflow` that overwrites."""
    folder = tmp_path_factory.mktemp("index")
    for requirement in STAND_INS[0].requires:
        if requirement != "tradewind-airflow":
            write_wheel(folder, requirement, "99.0")
    write_wheel(folder, "apache-airflow", "3.9.0", files={"airflow/__init__.py": "theirs = 1\n"})
    write_wheel(folder, "helper", "1.0", files={"helper.py": ""})
    write_wheel(folder, "half", "1.0", files={"half.py": ""})
    write_provider(folder, "thing", "1.0", requires=["helper"])
    write_provider(folder, "broken", "1.0", requires=["half", "nowhere-to-be-had"])
    return folder


class Environment:
    """A virtual environment that has Tradewind, and pip set up by pip's own file."""

    def __init__(self, folder: Path, index: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        self.site = folder / "lib" / version / "site-packages"
        # Its own packages first, then all of ours: pip and Tradewind itself among them.
        ours = sysconfig.get_paths()["purelib"]
        (self.site / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        (folder / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {index}\n")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
        self.environ = {**kept, "PIP_CONFIG_FILE": str(folder / "pip.conf")}

    def tradewind(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, "-c", "from tradewind.cli.main import main; main()", *words],
            env=self.environ,
            text=True,
            capture_output=True,
            check=False,
        )

    def packages(self) -> set[str]:
        return {path.name for path in self.site.iterdir()}


@pytest.mark.slow
def test_a_provider_comes_without_apache_airflow(index: Path, tmp_path: Path) -> None:
    here = Environment(tmp_path / "venv", index)
    before = here.packages()

    failed = here.tradewind("providers", "install", "broken")
    assert failed.returncode == 1
    assert "nowhere-to-be-had" in failed.stderr and "nothing was changed here" in failed.stderr
    assert here.packages() == before

    done = here.tradewind("providers", "install", "thing")
    assert done.returncode == 0, done.stderr
    added = here.packages() - before
    assert f"apache_airflow-3.3.2+tradewind.{VERSION}.dist-info" in added
    assert "helper.py" in added
    assert {path.name for path in (here.site / "airflow").iterdir()} == {"providers"}

    listed = here.tradewind("providers", "list", "-o", "plain")
    assert "apache-airflow-providers-thing  1.0      All of thing" in listed.stdout
    assert here.tradewind("providers", "check").returncode == 0
    assert here.tradewind("providers", "install", "-U", "thing").returncode == 0


def test_the_stand_ins_are_wheels_without_code(tmp_path: Path) -> None:
    write_wheels(tmp_path)
    for wheel in sorted(tmp_path.glob("*.whl")):
        shutil.unpack_archive(wheel, tmp_path / "site", "zip")
    found = {
        each.metadata["Name"]: each
        for each in importlib.metadata.distributions(path=[str(tmp_path / "site")])
    }
    assert set(found) == {each.name for each in STAND_INS}
    assert {path.name.rpartition(".")[2] for path in (tmp_path / "site").iterdir()} == {"dist-info"}
    for stand_in in STAND_INS:
        asked = Requirement(stand_in.requirement)
        assert asked.specifier.contains(found[stand_in.name].version)
    assert Requirement("apache-airflow>=2.11.0").specifier.contains(found["apache-airflow"].version)
    assert found["apache-airflow"].requires


def _only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    def find_spec(name: str) -> ModuleSpec | None:
        return ModuleSpec(name, None) if name in names else None

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)


def test_pip_goes_before_uv_and_uv_is_found_anywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _only(monkeypatch, "pip", "uv")
    assert find_installer().name == "pip"
    _only(monkeypatch, "uv")
    assert find_installer().command[1:3] == ("-m", "uv")
    _only(monkeypatch)
    (tmp_path / "uv").write_text("#!/bin/sh\n")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_installer().command[0] == str(tmp_path / "uv")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EnvironmentFailure, match=r"neither pip nor uv here: run .* -m ensurepip"):
        find_installer()


def test_apache_airflow_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    info = tmp_path / "apache_airflow_task_sdk-1.3.2.dist-info"
    info.mkdir()
    text = "Metadata-Version: 2.1\nName: apache-airflow-task-sdk\nVersion: 1.3.2\n"
    (info / "METADATA").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(installing, "find_installer", pytest.fail)
    with pytest.raises(EnvironmentFailure, match=r"apache-airflow-task-sdk 1\.3\.2 is installed"):
        install(["apache-airflow-providers-http"])


def test_without_the_airflow_package_the_way_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _only(monkeypatch, "pip")
    monkeypatch.setattr(installing, "check_airflow_package", lambda: None)
    with pytest.raises(EnvironmentFailure, match=r"tradewind\[airflow\]"):
        install(["apache-airflow-providers-http"])
