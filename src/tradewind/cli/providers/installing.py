"""Installing provider packages with the pip or the uv that is here, and its own settings."""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tradewind.cli.providers.stand_in import STAND_INS, write_wheels
from tradewind.config.airflow_package import check_airflow_package
from tradewind.model.errors import EnvironmentFailure
from tradewind.model.version import VERSION


class Installer(NamedTuple):
    """A program that installs into the environment that runs this, and how it is told so."""

    name: str
    command: Sequence[str]

    def upgrading(self, requirements: Sequence[str]) -> list[str]:
        """To take the newest of these, and of nothing else."""
        if self.name == "pip":
            return ["--upgrade"]
        return [word for each in requirements for word in ("--upgrade-package", each)]


def install(
    requirements: Sequence[str], *, constraints: Sequence[Path] = (), upgrade: bool = False
) -> None:
    """Bring distributions and what they need into the environment that runs this; or nothing.

    The installer's own words go to stderr. Raises EnvironmentFailure that says what to do.
    """
    _check_environment()
    installer = find_installer()
    with tempfile.TemporaryDirectory(prefix="tradewind-providers-") as folder:
        write_wheels(Path(folder))
        command = [*installer.command, "--find-links", folder]
        for path in constraints:
            command += ["--constraint", str(path)]
        if upgrade:
            command += installer.upgrading(requirements)
        # Named too, so that nothing is installed that Tradewind itself cannot run with.
        command += [f"tradewind=={VERSION}", *(each.requirement for each in STAND_INS)]
        command += requirements
        done = subprocess.run(command, stdout=sys.stderr, check=False)
    if done.returncode:
        raise EnvironmentFailure(_advice(installer, requirements))


def find_installer() -> Installer:
    """pip first: it reads the settings made for it on this machine. Raises EnvironmentFailure."""
    here = sys.executable
    if importlib.util.find_spec("pip") is not None:
        return Installer("pip", (here, "-m", "pip", "install", "--no-input"))
    if importlib.util.find_spec("uv") is not None:
        return Installer("uv", (here, "-m", "uv", "pip", "install", "--python", here))
    found = shutil.which("uv")
    if found:
        return Installer("uv", (found, "pip", "install", "--python", here))
    raise EnvironmentFailure(f"there is neither pip nor uv here: run `{here} -m ensurepip`")


def _check_environment() -> None:
    check_airflow_package()
    if importlib.util.find_spec("airflow") is None:
        raise EnvironmentFailure(
            "provider packages are written for the package `airflow`, which is not here: "
            f"install `tradewind[airflow]=={VERSION}` first"
        )
    for stand_in in STAND_INS:
        version = _installed_version(stand_in.name)
        if version is not None and not _is_a_stand_in(version):
            raise EnvironmentFailure(
                f"{stand_in.name} {version} is installed here and has files in the same folder "
                f"`airflow` as Tradewind: run `pip uninstall {stand_in.name}` and then `pip "
                "install --force-reinstall --no-deps tradewind-airflow`, or give Tradewind an "
                "environment of its own"
            )


def _is_a_stand_in(version: str) -> bool:
    """Of whichever release of Tradewind."""
    return "+tradewind" in version


def _installed_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _advice(installer: Installer, requirements: Sequence[str]) -> str:
    settings = "pip config list" if installer.name == "pip" else "uv's settings and UV_* variables"
    return (
        f"{installer.name} could not install {', '.join(requirements)}; what it said is above, and "
        "nothing was changed here. Check the spelling; if the index could not be reached, or lacks "
        f"a package, check which index is set ({settings}) and run the same command again"
    )
