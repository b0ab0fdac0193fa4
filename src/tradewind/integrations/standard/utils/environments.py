"""Virtual environments for functions: made with uv where there is one, kept by what is in them."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tradewind.authoring.errors import AirflowException

_MADE = "tradewind-made.json"
"""Within an environment that is complete: what was asked for."""

Run = Callable[[Sequence[str], Mapping[str, str]], int]
"""Runs a command with an environment of variables; the answer is its exit code."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an environment is to be."""

    requirements: tuple[str, ...] = ()
    """Lines of a requirements file."""
    python_version: str | None = None
    """As `3.12`; None is the version of this Python."""
    system_site_packages: bool = True
    install_options: tuple[str, ...] = ()
    index_urls: tuple[str, ...] | None = None
    """Empty: no index at all; None: as the machine is set up."""
    cache_key: str = ""
    """Anything that tells two apart that are otherwise the same."""

    @property
    def digest(self) -> str:
        """What names it in a cache."""
        told = json.dumps([asdict(self), sys.version_info[:2]], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@contextmanager
def environment(wanted: Wanted, cache: Path | None, run: Run) -> Iterator[Path]:
    """The interpreter of such an environment: of one in the cache, else of one for this `with`.

    Raises AirflowException if it cannot be made.
    """
    if cache is not None:
        yield _cached(wanted, cache, run)
        return
    with TemporaryDirectory(prefix="tradewind-venv-") as folder:
        yield _make(wanted, Path(folder), run)


def _cached(wanted: Wanted, cache: Path, run: Run) -> Path:
    """Who finds it half made makes it anew; who comes while it is made waits."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"venv-{wanted.digest}"
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / _MADE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make(wanted, folder, run)
            (folder / _MADE).write_text(json.dumps(asdict(wanted)), encoding="utf-8")
    return _python_of(folder)


def _make(wanted: Wanted, folder: Path, run: Run) -> Path:
    uv = _uv()
    version = wanted.python_version
    if uv:
        command = [*uv, "venv", "--quiet", "--seed", "--allow-existing"]
        command += ["--python", version or sys.executable]
    else:
        found = shutil.which(f"python{version}") if version else sys.executable
        if found is None:
            raise AirflowException(f"there is no python{version} on the PATH, and no uv to get one")
        command = [found, "-m", "venv"]
    site = ["--system-site-packages"] if wanted.system_site_packages else []
    _check(run([*command, *site, str(folder)], os.environ), "the environment cannot be made")
    python = _python_of(folder)
    if wanted.requirements:
        listed = folder / "requirements.txt"
        listed.write_text("\n".join(wanted.requirements) + "\n", encoding="utf-8")
        install = (
            [*uv, "pip", "install", "--python", str(python)]
            if uv
            else [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
        )
        command = [*install, *wanted.install_options, "-r", str(listed)]
        _check(run(command, os.environ | _indexes(wanted.index_urls)), "requirements: see above")
    return python


def _uv() -> list[str]:
    """How uv is called here; empty without it."""
    found = shutil.which("uv")
    if found is not None:
        return [found]
    return [sys.executable, "-m", "uv"] if importlib.util.find_spec("uv") else []


def _indexes(urls: tuple[str, ...] | None) -> dict[str, str]:
    """Index addresses, which may hold passwords, as variables: a command line can be seen by all."""
    if urls is None:
        return {}
    if not urls:
        return {"PIP_NO_INDEX": "1", "UV_NO_INDEX": "1"}
    first, *more = urls
    others = " ".join(more)
    return {
        "PIP_INDEX_URL": first,
        "PIP_EXTRA_INDEX_URL": others,
        "UV_DEFAULT_INDEX": first,
        "UV_INDEX": others,
    }


def _python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def _check(exit_code: int, what: str) -> None:
    if exit_code != 0:
        raise AirflowException(f"{what} (exit code {exit_code})")
