"""What a DAG file depends on, recorded while it is executed: files, folders, environment, answers.

An audit hook sees every open; os.environ reports what project code reads; the host is wrapped so
that Variables and Connections are noted. Network, clock and subprocesses make a file unwatchable.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tradewind.authoring import host, watch
from tradewind.authoring.host import Host
from tradewind.authoring.libraries import is_library
from tradewind.authoring.sites import is_our_file
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import GetConnection, GetVariable, Request, VariableKeys

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
_LISTINGS = frozenset({"os.listdir", "os.scandir", "glob.glob"})
_PASSED_THROUGH = frozenset({"os", "glob", "pathlib", "fnmatch", "_collections_abc"})


class Recorder:
    """Notes what is read until `finish` is called."""

    def __init__(self, project_folders: Sequence[Path]) -> None:
        self.folders = tuple(f"{folder}/" for folder in project_folders)
        self.files: set[str] = set()
        self.listed: set[str] = set()
        self.variables: dict[str, str] = {}
        self.answers: dict[tuple[str, str], str] = {}
        self.unwatchable: str | None = None

    def note_open(self, path: Any, mode: Any, flags: Any) -> None:
        """A file is about to be opened."""
        if not isinstance(path, str | os.PathLike):
            return
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        name = os.path.abspath(path)  # noqa: PTH100  Path would itself be too slow here
        if not name.endswith(".pyc") and (name.startswith(self.folders) or not is_library(name)):
            self.files.add(name)

    def note_listing(self, path: Any) -> None:
        """A folder is about to be listed."""
        name = os.path.abspath(path if isinstance(path, str | os.PathLike) else ".")  # noqa: PTH100
        if f"{name}/".startswith(self.folders) and _asked_by(self.folders):
            self.listed.add(name)

    def note_environment(self, name: str) -> None:
        """An environment variable counts."""
        if name not in self.variables:
            self.variables[name] = fingerprint("env", name)

    def inputs(self, main: RecordedInput) -> tuple[RecordedInput, ...]:
        """Everything noted, `main` first, with its fingerprint as of now."""
        files = self.files | set(_project_modules(self.folders))
        found = [
            RecordedInput(kind="file", name=name, fingerprint=fingerprint("file", name))
            for name in files
            if name != main.name and not is_our_file(name)
        ]
        found += [
            RecordedInput(kind="folder", name=name, fingerprint=fingerprint("folder", name))
            for name in self.listed
        ]
        found += [
            RecordedInput(kind="env", name=name, fingerprint=value)
            for name, value in self.variables.items()
        ]
        found += [
            RecordedInput(kind=kind, name=name, fingerprint=value)
            for (kind, name), value in self.answers.items()
        ]
        return (main, *sorted(found, key=lambda item: (item.kind, item.name)))


class RecordingHost:
    """Passes questions on and notes which answers a file depends on."""

    def __init__(self, inner: Host, recorder: Recorder) -> None:
        self._inner = inner
        self._recorder = recorder

    def ask(self, request: Request) -> Any:
        """The answer of the host around."""
        answer = self._inner.ask(request)
        key = _input_of(request)
        if key is not None:
            self._recorder.answers[key] = fingerprint_of_answer(answer)
        return answer

    def push_xcom(self, key: str, value: Any) -> None:
        """As the host around does."""
        self._inner.push_xcom(key, value)


_recorder: Recorder | None = None
_hook_is_installed = False


@contextmanager
def recording(project_folders: Sequence[Path]) -> Iterator[Recorder]:
    """Record what is read within the `with`."""
    global _recorder, _hook_is_installed
    if not _hook_is_installed:
        sys.addaudithook(_hook)
        _hook_is_installed = True
    outer, _recorder = _recorder, Recorder(project_folders)
    heard_before = watch.put_up(_recorder)
    environ_class = os.environ.__class__
    os.environ.__class__ = _RecordingEnviron
    inner_host = RecordingHost(host.current(), _recorder) if host.is_there() else None
    try:
        with host.use(inner_host):
            yield _recorder
    finally:
        os.environ.__class__ = environ_class
        watch.put_up(heard_before)
        _recorder = outer


def fingerprint(kind: str, name: str) -> str:
    """What a file, folder or environment variable is like now; "" where it is not there."""
    if kind == "env":
        return _hash(os.environb.get(os.fsencode(name), b""))
    try:
        if kind == "folder":
            return _hash("\0".join(sorted(os.listdir(name))).encode())  # noqa: PTH208
        return _hash(Path(name).read_bytes(), keep_empty=True)
    except OSError:
        return ""


def fingerprint_of_answer(answer: Any) -> str:
    """What a Variable or Connection is like, without telling its value."""
    if answer is None:
        return ""
    return _hash(json.dumps(answer, sort_keys=True).encode())


def code_hash(inputs: Sequence[RecordedInput], dags_folder: Path) -> str:
    """One hash over all inputs; files below the DAGs folder count by their relative path."""
    prefix = f"{dags_folder}/"
    lines = sorted(
        f"{item.kind}\0{item.name.removeprefix(prefix)}\0{item.fingerprint}" for item in inputs
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _input_of(request: Request) -> tuple[str, str] | None:
    match request:
        case GetVariable(key=key):
            return "variable", key
        case VariableKeys(prefix=prefix):
            return "variable_keys", prefix
        case GetConnection(conn_id=conn_id):
            return "connection", conn_id
        case _:
            return None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    recorder = _recorder
    if recorder is None:
        return
    if event == "open":
        recorder.note_open(*args)
    elif event in _LISTINGS:
        recorder.note_listing(args[0] if args else ".")
    elif (
        event in _UNWATCHABLE_EVENTS
        and recorder.unwatchable is None
        and not _by_a_library_import(recorder.folders)
    ):
        recorder.unwatchable = event


class _RecordingEnviron(os._Environ):  # type: ignore[type-arg]
    """os.environ while a file is loaded; the instance is the same, only its class is lent."""

    def __getitem__(self, key: str) -> str:
        if _recorder is not None and isinstance(key, str) and _asked_by(_recorder.folders):
            _recorder.note_environment(key)
        return super().__getitem__(key)  # type: ignore[no-any-return]


def _asked_by(folders: tuple[str, ...]) -> bool:
    """Whether project code asks itself, or through Python's own file and environment modules."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(folders):
            return True
        module = name.removeprefix("<frozen ").removesuffix(">").rpartition("/")[2]
        if name != __file__ and module.removesuffix(".py") not in _PASSED_THROUGH:
            return False
        frame = frame.f_back
    return False


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


def _project_modules(folders: tuple[str, ...]) -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(folders):
            yield file


def _hash(content: bytes, *, keep_empty: bool = False) -> str:
    return hashlib.sha256(content).hexdigest() if content or keep_empty else ""
