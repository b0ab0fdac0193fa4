"""One DAG file to a ParsedFile, in this process. Whatever the file does wrong becomes `error`."""

import contextlib
import dataclasses
import time
from pathlib import Path

from tradewind.authoring import dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.host import Host, use
from tradewind.authoring.template_checks import BadTemplate
from tradewind.config.settings import Settings
from tradewind.loading.endings import ended_early, relative
from tradewind.loading.timetable_answers import answer_timetables
from tradewind.model.parsed import ParsedFile, RecordedInput


def read_file(
    path: Path,
    settings: Settings,
    host: Host,
    around: contextlib.AbstractContextManager[None] | None = None,
) -> ParsedFile:
    """Import `path` and compile its DAGs. `around` is entered for as long as user code runs."""
    started = time.perf_counter()
    read: tuple[RecordedInput, ...] = ()
    unwatchable = False

    def on_failure(inputs: tuple[RecordedInput, ...], cannot_be_watched: bool) -> None:
        nonlocal read, unwatchable
        read, unwatchable = inputs, cannot_be_watched

    try:
        with around or contextlib.nullcontext(), use(host):
            loaded = dag_file.load(
                path,
                dags_folder=settings.core.dags_folder,
                plugins_folder=settings.core.plugins_folder,
                config_folder=settings.home / "config",
                on_failure=on_failure,
            )
            read, unwatchable = loaded.inputs, loaded.unwatchable
            plans = tuple(compile_dag(dag, defaults=settings.core) for dag in loaded.dags)
            told = answer_timetables(loaded.dags, host)
    except BaseException as error:  # sys.exit() and the like end the reading, not this process
        message = _explain(error, path, settings)
        duration_s = time.perf_counter() - started
        early = ended_early(path, settings, error=message, duration_s=duration_s)
        if isinstance(error, BadTemplate):
            read = (*read, *error.read)
        return dataclasses.replace(early, inputs=read, unwatchable=unwatchable)
    return ParsedFile(
        fileloc=str(path),
        relative_fileloc=relative(path, settings),
        plans=plans,
        code_hash=loaded.code_hash,
        source_code=loaded.source_code,
        duration_s=time.perf_counter() - started,
        told=told,
        inputs=loaded.inputs,
        modules=loaded.modules,
        unwatchable=loaded.unwatchable,
    )


def _explain(error: BaseException, path: Path, settings: Settings) -> str:
    explained = dag_file.explain(error, path)
    if isinstance(error, MemoryError) and settings.core.dag_file_memory_limit:
        limit = f"{settings.core.dag_file_memory_limit} MiB (core.dag_file_memory_limit)"
        return f"{path}: reading the file needs more memory than {limit}\n\n{explained}"
    return explained
