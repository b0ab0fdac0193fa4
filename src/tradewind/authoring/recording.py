"""What a DAG file depends on, recorded while it is executed: files, folders, environment, answers.

An audit hook sees every file opened and folder listed; os.stat and os.environ report what project
code asks of them; the host is wrapped so that Variables and Connections are noted; the finder of
project modules tells what it did not find. Network, clock and subprocesses make a file unwatchable.
"""

import functools
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tradewind.authoring import host, project_modules, watch
from tradewind.authoring.asked import input_of
from tradewind.authoring.fingerprints import Stamp, fingerprint, stamp_of
from tradewind.authoring.host import Host
from tradewind.authoring.libraries import is_library, is_project
from tradewind.authoring.sites import is_our_file
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import Request

SOURCES_KEPT = 2 << 20
"""Bytes of modules that are kept with a file's own text; of those beyond only the fingerprint."""
CHANGED_MEANWHILE = "changed while it was read"
"""The fingerprint of what was written by another process while the file was loaded."""
_UNWATCHABLE_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "subprocess.Popen",
        "os.system",
        "os.posix_spawn",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "sqlite3.connect",
    }
)
_LISTINGS = frozenset({"os.listdir", "os.scandir"})
_PASSED_THROUGH = frozenset({"os", "glob", "pathlib", "fnmatch", "genericpath", "collections.abc"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Recorder:
    """Notes what is read until it is taken down."""

    def __init__(self, project_folders: Sequence[Path]) -> None:
        self.folders = tuple(f"{folder}/" for folder in project_folders)
        self.unwatchable: str | None = None
        self._began_ns = time.time_ns()
        self._opened: dict[str, Stamp | None] = {}
        self._written: set[str] = set()
        self._listed: set[str] = set()
        self._paths: dict[str, str] = {}
        self._missed: dict[str, list[str]] = {}
        self._environment: dict[str, str] = {}
        self._answers: dict[tuple[str, str], str] = {}
        self._sources: dict[str, bytes] = {}
        self._executed_before = set(project_modules.executed)

    # --- what is noted ----------------------------------------------------------------------

    def note_open(self, path: Any, mode: Any, flags: Any) -> None:
        """A file is about to be opened."""
        name = _absolute(path)
        if name is None or "/__pycache__/" in name:
            return
        if isinstance(flags, int) and flags & _WRITING:
            self._written.add(name)
        elif name not in self._opened and is_project(name, self.folders):
            stamp = stamp_of(name)
            if name.startswith(self.folders) or not self._is_passing(name, stamp):
                self._opened[name] = stamp

    def _is_passing(self, name: str, stamp: Stamp | None) -> bool:
        """Whether it is a temporary file that was not there before."""
        is_temporary = name.startswith(f"{tempfile.gettempdir()}/")
        return is_temporary and (stamp is None or stamp[0] > self._began_ns)

    def note_listing(self, path: Any) -> None:
        """A folder is about to be listed."""
        name = _absolute("." if path is None else path)
        if name is not None and is_project(f"{name}/", self.folders) and not _by_an_import():
            self._listed.add(name)

    def note_path(self, path: Any) -> None:
        """Project code asks whether something is there."""
        name = _absolute(path)
        if name is not None and name not in self._paths and self._is_asked_by_author():
            self._paths[name] = fingerprint("path", name)

    def note_miss(self, module: str, folder: str) -> None:
        """A module that project code imports is not in a folder."""
        if self._is_imported_by_author():
            self._missed.setdefault(module, []).append(folder)

    def note_source(self, fingerprint: str, source: bytes) -> None:
        """A module of the project is about to be executed."""
        self._sources[fingerprint] = source

    def note_environment(self, name: str) -> None:
        """An environment variable counts."""
        if name not in self._environment:
            self._environment[name] = fingerprint("env", name)

    def note_asked_environment(self, name: str) -> None:
        """An environment variable is read: it counts if project code does it."""
        if name not in self._environment and self._is_asked_by_author():
            self.note_environment(name)

    def note_answer(self, request: Request, answer: Any) -> None:
        """The host answered."""
        item = input_of(request, answer)
        if item is not None:
            self._answers[item.kind, item.name] = item.fingerprint

    def note_event(self, event: str) -> None:
        """Something happens that we could not watch for changes."""
        if self.unwatchable is None and not _by_a_library_import(self.folders):
            self.unwatchable = event

    # --- what it comes to -------------------------------------------------------------------

    def inputs(self, main: RecordedInput) -> tuple[RecordedInput, ...]:
        """Everything noted, `main` first."""
        found = {("file", name): value for name, value in self._files() if name != main.name}
        found |= {("folder", name): fingerprint("folder", name) for name in self._listed}
        found |= {
            ("path", name): value
            for name, value in self._paths.items()
            if ("file", name) not in found and ("folder", name) not in found and name != main.name
        }
        found |= {("env", name): value for name, value in self._environment.items()}
        found |= self._answers
        return (
            main,
            *(
                RecordedInput(kind=kind, name=name, fingerprint=value)
                for (kind, name), value in sorted(found.items())
                if not is_our_file(name)
            ),
        )

    def modules(self) -> tuple[tuple[str, str], ...]:
        """(fingerprint, text) of the modules that were executed."""
        kept = []
        left = SOURCES_KEPT
        for found, source in self._sources.items():
            left -= len(source)
            if left >= 0:
                kept.append((found, source.decode("utf-8", "replace")))
        return tuple(kept)

    def _files(self) -> Iterator[tuple[str, str]]:
        executed = project_modules.executed
        for name in self._absent_modules():
            yield name, ""
        for name, stamp in self._opened.items():
            if name in executed:
                continue
            is_known = name in self._written or stamp == stamp_of(name)
            yield name, fingerprint("file", name) if is_known else CHANGED_MEANWHILE
        for name in executed.keys() - self._executed_before:
            yield name, executed[name]
        for name in _modules_below(self.folders):
            yield name, executed.get(name) or fingerprint("file", name)

    def _absent_modules(self) -> Iterator[str]:
        """Files that would be imported if they were there."""
        for module, folders in self._missed.items():
            found = getattr(sys.modules.get(module), "__file__", None)
            if isinstance(found, str) and not is_project(found, self.folders):
                continue
            for folder in folders:
                stem = f"{folder}/{module.rpartition('.')[2]}"
                for name in (f"{stem}/__init__.py", f"{stem}.py"):
                    if name != found and not os.path.lexists(name):
                        yield name

    # --- whose doing it is ------------------------------------------------------------------

    def _is_asked_by_author(self) -> bool:
        """Whether project code asks itself, or through Python's own file and environment modules."""
        frame = _frame_outside({__file__}, _PASSED_THROUGH)
        return frame is not None and self._is_author(frame.f_code.co_filename)

    def _is_imported_by_author(self) -> bool:
        """Whether it is project code that imports."""
        frame = _frame_outside({__file__, project_modules.__file__}, _IMPORTING)
        return frame is not None and self._is_author(frame.f_code.co_filename)

    def _is_author(self, name: str) -> bool:
        return name.startswith(self.folders) or (
            not is_library(name) and not is_our_file(name) and name.startswith("/")
        )


class RecordingHost:
    """Passes questions on and notes which answers a file depends on."""

    def __init__(self, inner: Host, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def ask(self, request: Request) -> Any:
        """The answer of the host around."""
        answer = self._inner.ask(request)
        self._recorder.note_answer(request, answer)
        return answer

    def push_xcom(self, key: str, value: Any) -> None:
        """As the host around does."""
        self._inner.push_xcom(key, value)


_recorder: Recorder | None = None
_hook_is_installed = False
_os_stat = os.stat


@contextmanager
def recording(project_folders: Sequence[Path]) -> Iterator[Recorder]:
    """Record what is read within the `with`."""
    global _recorder, _hook_is_installed
    if not _hook_is_installed:
        sys.addaudithook(_hook)
        _hook_is_installed = True
    recorder = Recorder(project_folders)
    outer, _recorder = _recorder, recorder
    heard_before = watch.put_up(recorder)
    imports_before = project_modules.on_miss, project_modules.on_source
    project_modules.on_miss, project_modules.on_source = recorder.note_miss, recorder.note_source
    environ_class, os.environ.__class__ = os.environ.__class__, _RecordingEnviron
    stat_before, os.stat = os.stat, _recording_stat
    inner_host = RecordingHost(host.current(), recorder) if host.is_there() else None
    try:
        with host.use(inner_host):
            yield recorder
    finally:
        os.stat = stat_before
        os.environ.__class__ = environ_class
        project_modules.on_miss, project_modules.on_source = imports_before
        watch.put_up(heard_before)
        _recorder = outer


def _hook(event: str, args: tuple[Any, ...]) -> None:
    recorder = _recorder
    if recorder is None:
        return
    if event == "open":
        recorder.note_open(*args)
    elif event in _LISTINGS:
        recorder.note_listing(args[0] if args else None)
    elif event in _UNWATCHABLE_EVENTS:
        recorder.note_event(event)


@functools.wraps(os.stat)
def _recording_stat(path: Any, *args: Any, **options: Any) -> os.stat_result:
    """os.stat while a file is loaded: os.path and pathlib look through it."""
    if _recorder is not None:
        _recorder.note_path(path)
    return _os_stat(path, *args, **options)


class _RecordingEnviron(os._Environ):  # type: ignore[type-arg]
    """os.environ while a file is loaded; the instance is the same, only its class is lent."""

    def __getitem__(self, key: str) -> str:
        if _recorder is not None and isinstance(key, str):
            _recorder.note_asked_environment(key)
        return super().__getitem__(key)  # type: ignore[no-any-return]


def _absolute(path: Any) -> str | None:
    if not isinstance(path, str | bytes | os.PathLike):
        return None  # a descriptor
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100  Path would itself be too slow here


_IMPORTING = frozenset({"importlib", "importlib._bootstrap", "importlib._bootstrap_external"})
_LISTING_FOR_IMPORTS = ("<frozen importlib", "/importlib/", "/pkgutil.py", "/pkg_resources/")


def _frame_outside(files: set[str], modules: frozenset[str]) -> FrameType | None:
    """The nearest frame that is neither in one of these files nor of these modules of Python's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name not in files and frame.f_globals.get("__name__") not in modules:
            return frame
        frame = frame.f_back
    return None


def _by_an_import() -> bool:
    """Whether a folder is listed only to find modules or distributions."""
    frame = _frame_outside({__file__}, _PASSED_THROUGH)
    if frame is None:
        return False
    name = frame.f_code.co_filename
    return name == project_modules.__file__ or any(part in name for part in _LISTING_FOR_IMPORTS)


def _by_a_library_import(folders: tuple[str, ...]) -> bool:
    """Whether a library does this while it is imported: that is always the same."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(folders):
            return False
        if code.co_name == "<module>" and is_library(code.co_filename):
            return True
        frame = frame.f_back
    return False


def _modules_below(folders: tuple[str, ...]) -> Iterator[str]:
    for module in project_modules.imported():
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(folders):
            yield file
