"""One DAG file, or zip of them, executed in this process: its DAGs and everything it read.

Finding files, time and memory limits and processes are `loading`'s; this only loads and explains.
"""

import hashlib
import importlib.machinery
import importlib.util
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tradewind.authoring import fingerprints, profile, project_modules, recording
from tradewind.authoring.dag import DAG
from tradewind.authoring.errors import AirflowDagDuplicatedIdException
from tradewind.authoring.explain import explain
from tradewind.authoring.scopes import DagContext, TaskGroupContext
from tradewind.model.errors import InvalidDag
from tradewind.model.parsed import RecordedInput, Source

__all__ = ["LoadedFile", "explain", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """What loading one file gave."""

    dags: list[DAG]
    inputs: tuple[RecordedInput, ...]
    code_hash: str
    source_code: str
    unwatchable: bool
    modules: tuple[tuple[str, str], ...] = ()
    """(fingerprint, text) of the project's modules that it imported."""
    profile_reason: str = ""
    """The first legacy spelling; empty where there is none."""

    def source(self, fileloc: str) -> Source:
        """What is kept under its code_hash."""
        return Source(
            code_hash=self.code_hash,
            fileloc=fileloc,
            text=self.source_code,
            inputs=self.inputs,
            modules=self.modules,
        )


def load(
    path: Path,
    *,
    dags_folder: Path,
    plugins_folder: Path | None = None,
    config_folder: Path | None = None,
    on_failure: Callable[[tuple[RecordedInput, ...], bool], None] | None = None,
) -> LoadedFile:
    """Execute a DAG file. Raises what it raises, and InvalidDag for sys.exit() or a double id;
    `on_failure` is told before what had been read by then, and whether that cannot be watched.
    """
    folders = [folder for folder in (dags_folder, config_folder, plugins_folder) if folder]
    content = path.read_bytes()
    DagContext.clear()
    TaskGroupContext.clear()
    project = [*folders, path.parent]
    project_modules.use_for(project)
    main = RecordedInput(kind="file", name=str(path), fingerprint=fingerprints.of_content(content))
    put_on_path(folders)
    with recording.recording(project) as recorder:
        try:
            with profile.reports_of_one_file() as evidence, _no_exit(path):
                if zipfile.is_zipfile(path):
                    modules = list(_zip_modules(path))
                else:
                    modules = [_execute(path, content)]
            dags = _collect(modules, path)
        except BaseException:
            if on_failure is not None:
                on_failure(recorder.inputs(main), recorder.unwatchable is not None)
            raise
        inputs = recorder.inputs(main)
    for dag in dags:
        dag.fileloc = str(path)
        dag.profile_evidence = evidence[0] if evidence else None
    return LoadedFile(
        dags=dags,
        inputs=inputs,
        code_hash=fingerprints.code_hash(inputs, dags_folder),
        source_code=_text(path, content),
        modules=recorder.modules(),
        unwatchable=recorder.unwatchable is not None,
        profile_reason=str(evidence[0]) if evidence else "",
    )


def put_on_path(folders: Iterable[Path]) -> None:
    """Put folders on the import path and leave them there: tasks import from them later."""
    for folder in folders:
        if str(folder) not in sys.path:
            sys.path.append(str(folder))


@contextmanager
def _no_exit(path: Path) -> Iterator[None]:
    try:
        yield
    except SystemExit as error:
        raise InvalidDag(
            f"{path.name} calls sys.exit({error.code!r}) while it is loaded, so none of its DAGs "
            "can be read: exit within a task only"
        ) from error


def module_name(path: Path) -> str:
    """The name a DAG file has as a module: unlike any other, and the same each time."""
    digest = hashlib.sha1(str(path).encode(), usedforsecurity=False).hexdigest()
    return f"unusual_prefix_{digest}_{path.stem.replace('.', '_')}"


def _execute(path: Path, content: bytes) -> ModuleType:
    """Execute exactly `content`, whatever a bytecode cache says."""
    name = module_name(path)
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader, origin=str(path))
    assert spec is not None
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        exec(compile(content, str(path), "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def _zip_modules(path: Path) -> Iterator[ModuleType]:
    """Import every module at the root of a zip that may hold a DAG."""
    if str(path) not in sys.path:
        sys.path.insert(0, str(path))
    with zipfile.ZipFile(path) as archive:
        names = sorted(
            info.filename
            for info in archive.infolist()
            if "/" not in info.filename
            and info.filename.endswith(".py")
            and _may_hold_dags(archive.read(info))
        )
    for name in names:
        stem = name.removesuffix(".py")
        sys.modules.pop(stem, None)
        yield importlib.import_module(stem)


def _may_hold_dags(source: bytes) -> bool:
    low = source.lower()
    return b"dag" in low and any(word in low for word in (b"airflow", b"tradewind", b"asset"))


def _collect(modules: list[ModuleType], path: Path) -> list[DAG]:
    """The DAGs bound at module level and those that registered themselves, in that order."""
    found: dict[str, DAG] = {}
    bound = [
        value
        for module in modules
        for value in list(vars(module).values())
        if isinstance(value, DAG)
    ]
    for dag in [*bound, *DagContext.take_registered()]:
        if dag.parent_dag is not None:
            continue
        known = found.setdefault(dag.dag_id, dag)
        if known is not dag:
            error = AirflowDagDuplicatedIdException(
                f"{path.name} makes two DAGs with the id {dag.dag_id!r} "
                f"(lines {known.site.line} and {dag.site.line}): give one another dag_id"
            )
            error.site = dag.site
            raise error
    return list(found.values())


def _text(path: Path, content: bytes) -> str:
    if not zipfile.is_zipfile(path):
        return importlib.util.decode_source(content)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in sorted(archive.namelist()) if name.endswith(".py")]
        return "\n".join(
            f"# {name}\n{archive.read(name).decode('utf-8', 'replace')}" for name in names
        )
