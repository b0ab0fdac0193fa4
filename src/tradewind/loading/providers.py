"""The provider packages of this environment: found by their metadata, read in a child process.

A provider's own description is a function of its package, so asking imports user code: that is the
child's work (`provider_child`), which has neither database nor secrets. If it dies or falls silent,
the provider that it was asked about is to blame, and another child answers for the rest.
"""

import contextlib
import importlib.metadata
import json
import os
import re
import selectors
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import Distribution
from pathlib import PurePosixPath
from typing import Any

from tradewind.config.children import child_environ

ENTRY_POINT = "apache_airflow_provider"
SILENCE_S = 120.0
"""How long one import may take."""

_OPTIONAL = ("AirflowOptionalProviderFeatureException",)
_EXTRA = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Provider:
    """An installed provider, and what it says of itself: Airflow's provider info."""

    package_name: str
    version: str
    info: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    """Why it says nothing."""

    @property
    def description(self) -> str:
        """One line of plain text."""
        text = str(self.info.get("description", ""))
        return " ".join(re.sub(r"`([^`<]*?)\s*<[^>]*>`_*", r"\1", text).split())


@dataclass(frozen=True)
class Checked:
    """What became of all that one provider brings."""

    provider: Provider
    modules: int
    failed: Mapping[str, str]
    """Reasons, by module or class."""
    optional: Mapping[str, str]
    """Those that want a package which the provider leaves to its extras."""


def installed_providers() -> list[Provider]:
    """Every provider in this environment, by name."""
    found = sorted(_distributions().items())
    answers = _ask({"info": _entry_point(distribution)} for _, distribution in found)
    return [
        Provider(name, distribution.version, answer.get("info", {}), answer.get("error", ""))
        for (name, distribution), answer in zip(found, answers, strict=True)
    ]


def check_provider(provider: Provider) -> Checked:
    """Import every module that a provider brings, and what its description names."""
    distribution = _distributions()[provider.package_name]
    modules = list(_modules(distribution))
    names = [name for name in named_classes(provider.info) if name not in modules]
    jobs = [*({"module": name} for name in modules), *({"attribute": name} for name in names)]
    extras = _extras(distribution)
    failed = {"get_provider_info": provider.error} if provider.error else {}
    optional: dict[str, str] = {}
    for name, answer in zip((*modules, *names), _ask(jobs), strict=True):
        if "error" in answer:
            wanting = _wanting(answer, extras)
            (optional if wanting else failed)[name] = wanting or answer["error"]
    return Checked(provider, len(modules), failed, optional)


@dataclass(frozen=True)
class Hook:
    """The hook of a connection type; what only its class knows is empty if it cannot be imported."""

    connection_type: str
    class_path: str
    package_name: str
    hook_name: str
    conn_name_attr: str = ""
    error: str = ""


def hooks_of(providers: Iterable[Provider]) -> list[Hook]:
    """The hook of every connection type, by type; imports their classes, and nothing else."""
    told = [
        Hook(
            entry["connection-type"],
            entry["hook-class-name"],
            provider.package_name,
            entry.get("hook-name", ""),
        )
        for provider in providers
        for entry in provider.info.get("connection-types", ())
    ]
    told.sort(key=lambda hook: hook.connection_type)
    answers = _ask({"hook": hook.class_path} for hook in told)
    return [_with_answer(hook, answer) for hook, answer in zip(told, answers, strict=True)]


def _with_answer(hook: Hook, answer: Mapping[str, Any]) -> Hook:
    known = answer.get("hook", {})
    return replace(
        hook,
        conn_name_attr=known.get("conn_name_attr") or "",
        hook_name=hook.hook_name or known.get("hook_name") or "",
        error=answer.get("error", ""),
    )


def named_classes(info: Mapping[str, Any]) -> Iterator[str]:
    """Class paths in a provider's description that Airflow would import at some time."""
    for entry in info.get("connection-types", ()):
        yield entry["hook-class-name"]
    for entry in info.get("task-decorators", ()):
        yield entry["class-name"]
    for entry in info.get("dialects", ()):
        yield entry["dialect-class-name"]
    for key in ("extra-links", "notifications", "secrets-backends", "executors", "logging"):
        yield from info.get(key, ())


def _distributions() -> dict[str, Distribution]:
    """The first of each name on sys.path, as imports see them."""
    found: dict[str, Distribution] = {}
    for distribution in importlib.metadata.distributions():
        if any(each.group == ENTRY_POINT for each in distribution.entry_points):
            found.setdefault(distribution.metadata["Name"], distribution)
    return found


def _entry_point(distribution: Distribution) -> str:
    return next(each.value for each in distribution.entry_points if each.group == ENTRY_POINT)


def _modules(distribution: Distribution) -> Iterator[str]:
    for file in sorted(distribution.files or (), key=str):
        path = PurePosixPath(file.as_posix())
        if path.suffix != ".py" or ".." in path.parts or not _is_module_path(path):
            continue
        parts = path.with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _is_module_path(path: PurePosixPath) -> bool:
    return all(part.isidentifier() for part in path.with_suffix("").parts) and len(path.parts) > 1


def _extras(distribution: Distribution) -> dict[str, str]:
    """The extra that brings each optional distribution, by its name."""
    found: dict[str, str] = {}
    for requirement in distribution.requires or ():
        extra = _EXTRA.search(requirement)
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if extra and name:
            found.setdefault(_normal(name[0]), extra[1])
    return found


def _wanting(answer: Mapping[str, str], extras: Mapping[str, str]) -> str:
    """What an import wants that its provider does not promise, or nothing."""
    if answer["type"] in _OPTIONAL:
        return answer["error"]
    missing = answer.get("missing") or ""
    parts = missing.split(".")
    names = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    if missing.startswith("airflow.providers."):
        names = ["apache-" + name for name in names]
    for name in map(_normal, names):
        if name in extras:
            return f"needs {name}: install the extra [{extras[name]}]"
    return ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _ask(jobs: Iterable[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """The children's answers, in order."""
    left = list(jobs)
    while left:
        answered = 0
        with _Child(left) as child:
            for answer in child.answers():
                answered += 1
                yield answer
            reason = child.ending
        left = left[answered:]
        if left:
            yield {"error": reason, "type": ""}
            left = left[1:]


class _Child:
    """A process that imports, told what to at once."""

    def __init__(self, jobs: Sequence[Mapping[str, str]]) -> None:
        self._jobs = jobs
        self.ending = ""

    def __enter__(self) -> "_Child":
        read_end, write_end = os.pipe()
        self._answers = os.fdopen(read_end, "rb", buffering=0)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "tradewind.loading.provider_child", str(write_end)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=child_environ(),
                pass_fds=[write_end],
                start_new_session=True,
            )
        except BaseException:
            self._answers.close()
            raise
        finally:
            os.close(write_end)
        return self

    def answers(self) -> Iterator[dict[str, Any]]:
        """What it says until it ends, or is ended because it says nothing."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # its end is noticed below
            self._process.stdin.write(json.dumps(self._jobs).encode())
            self._process.stdin.close()
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._answers, selectors.EVENT_READ)
            while True:
                if not selector.select(SILENCE_S):
                    self.ending = f"took more than {SILENCE_S:.0f} s to import"
                    return
                read = self._answers.read(1 << 16)
                if not read:
                    self.ending = f"ended its process: {_ending(self._process.wait())}"
                    return
                *lines, rest = (rest + read).split(b"\n")
                yield from map(json.loads, lines)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
