"""The verbs of Airflow 1.10 and 2.x, translated into today's.

Pure: a list of arguments in, a list of arguments and notes out. Only the command `airflow` uses it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tradewind.model.errors import UserError

Arguments = list[str]


@dataclass(frozen=True, slots=True)
class Verb:
    """Today's command for an old one, and today's names of its flags."""

    today: tuple[str, ...]
    flags: Mapping[str, str] = field(default_factory=dict)
    """Old flag -> today's; "" drops the flag, "=" drops it with its value."""
    rewrite: Callable[[Arguments], Arguments] | None = None
    """For verbs whose arguments took another shape altogether."""


_SUBDIR = {"-sd": "=", "-S": "=", "--subdir": "="}
_DAG_ID = {"-d": "", "--dag-id": "", "--dag_id": ""}
_BACKFILL = {"-dr": "--dry-run", "-sd": "--subdir"}
"""The command itself knows the other old flags."""
_WEB = {
    "--hostname": "--host",
    "--workers": "=",
    "-w": "=",
    "-k": "=",
    "--workerclass": "=",
    "-t": "=",
    "--worker_timeout": "=",
    "-D": "",
    "--daemon": "",
    "-d": "",
    "--debug": "",
}
_TRIGGER = {
    **_SUBDIR,
    "-e": "--logical-date",
    "--exec_date": "--logical-date",
    "--exec-date": "--logical-date",
    "--execution-date": "--logical-date",
    "--run_id": "--run-id",
}
_CLEAR = {
    **_SUBDIR,
    "--task_regex": "--task-regex",
    "--start_date": "--start-date",
    "--end_date": "--end-date",
    "--only_failed": "--only-failed",
    "--only_running": "--only-running",
    "--no_confirm": "--yes",
    "-c": "--yes",
    "-dx": "--dag-regex",
    "--dag_regex": "--dag-regex",
    "-x": "",
    "--exclude_subdags": "",
    "-xp": "",
    "--exclude_parentdag": "",
}
_PROCESS = {**_SUBDIR, "-D": "", "--daemon": "", "-p": "", "--do-pickle": "", "--do_pickle": ""}
_LIST_RUNS = {"-d": "", "--dag-id": "", "--no_backfill": "--no-backfill"}


def _variables(arguments: Arguments) -> Arguments:
    """`variables -s KEY VALUE`, `-g KEY`, `-x KEY`, `-i FILE`, `-e FILE`."""
    return _by_switch(
        arguments,
        {
            ("-s", "--set"): ["set"],
            ("-g", "--get"): ["get"],
            ("-x", "--delete"): ["delete"],
            ("-i", "--import"): ["import"],
            ("-e", "--export"): ["export"],
        },
    )


def _pool(arguments: Arguments) -> Arguments:
    """`pool -s NAME SLOTS DESCRIPTION`, `-g NAME`, `-x NAME`."""
    return _by_switch(
        arguments,
        {
            ("-s", "--set"): ["set"],
            ("-g", "--get"): ["get"],
            ("-x", "--delete"): ["delete"],
        },
    )


def _connections(arguments: Arguments) -> Arguments:
    """`connections -a --conn_id ID --conn_uri URI`, `-d --conn_id ID`, `-l`."""
    switched = _by_switch(
        arguments,
        {("-a", "--add"): ["add"], ("-d", "--delete"): ["delete"], ("-l", "--list"): ["list"]},
    )
    dashed = [item.replace("_", "-") if item.startswith("--conn_") else item for item in switched]
    if "--conn-id" in dashed:
        at = dashed.index("--conn-id")
        dashed = [dashed[0], *dashed[at + 1 : at + 2], *dashed[1:at], *dashed[at + 2 :]]
    return dashed


def _by_switch(arguments: Arguments, switches: Mapping[tuple[str, str], Arguments]) -> Arguments:
    for spellings, command in switches.items():
        for spelling in spellings:
            if spelling in arguments:
                rest = list(arguments)
                rest.remove(spelling)
                return [*command, *rest]
    return ["list", *arguments]


VERBS: Mapping[tuple[str, ...], Verb] = {
    # 1.10
    ("initdb",): Verb(("db", "migrate")),
    ("upgradedb",): Verb(("db", "migrate")),
    ("checkdb",): Verb(("db", "check")),
    ("webserver",): Verb(("api-server",), _WEB),
    ("list_dags",): Verb(("dags", "list"), {**_SUBDIR, "-r": "", "--report": ""}),
    ("list_tasks",): Verb(("tasks", "list"), {**_SUBDIR, "-t": "", "--tree": ""}),
    ("list_dag_runs",): Verb(("dags", "list-runs"), _LIST_RUNS),
    ("trigger_dag",): Verb(("dags", "trigger"), _TRIGGER),
    ("pause",): Verb(("dags", "pause"), _SUBDIR),
    ("unpause",): Verb(("dags", "unpause"), _SUBDIR),
    ("dag_state",): Verb(("dags", "state"), _SUBDIR),
    ("show_dag",): Verb(("dags", "show"), _SUBDIR),
    ("next_execution",): Verb(("dags", "next-execution"), _SUBDIR),
    ("task_state",): Verb(("tasks", "state"), _SUBDIR),
    ("test",): Verb(("tasks", "test"), {**_SUBDIR, "-tp": "-t", "--task_params": "-t"}),
    ("clear",): Verb(("tasks", "clear"), _CLEAR),
    ("pool",): Verb(("pools",), rewrite=_pool),
    # 2.x
    ("db", "init"): Verb(("db", "migrate")),
    ("db", "upgrade"): Verb(("db", "migrate")),
    ("dags", "backfill"): Verb(("backfill",), _BACKFILL),
}
"""Old verb -> today's."""

_USERS = "the user `admin` is made by `standalone`; TRADEWIND_ADMIN_PASSWORD sets its password"
_RUN = "the scheduler starts tasks itself; try one with `tasks test DAG_ID TASK_ID DATE`"
_RESET = "stop Tradewind and remove its database, then `db migrate`"
_WORKERS = "the scheduler starts tasks on its own machine"
_FERNET = (
    "encrypted values are read with the key they were written with: set them anew to change it"
)
_NO_LONGER: Mapping[tuple[str, ...], str] = {
    ("celery",): _WORKERS,
    ("create_user",): _USERS,
    ("db", "downgrade"): "a database is only ever migrated forward: restore a copy of it",
    ("db", "reset"): _RESET,
    ("db", "shell"): "open the database with its own client, sqlite3 or psql",
    ("delete_dag",): "remove its file; `db clean` removes old runs",
    ("dags", "delete"): "remove its file; `db clean` removes old runs",
    ("flower",): _WORKERS,
    ("internal-api",): "tasks ask the scheduler, and never the database",
    ("kerberos",): "renew tickets with kinit or k5start beside Tradewind",
    ("render",): "try the task with `tasks test DAG_ID TASK_ID DATE`",
    ("resetdb",): _RESET,
    ("roles",): "roles are fixed",
    ("rotate-fernet-key",): _FERNET,
    ("rotate_fernet_key",): _FERNET,
    ("run",): _RUN,
    ("serve_logs",): "the API server shows logs",
    ("shell",): "open the database with its own client, sqlite3 or psql",
    ("sync-perm",): "roles need no database of permissions",
    ("sync_perm",): "roles need no database of permissions",
    ("tasks", "run"): _RUN,
    ("users",): _USERS,
    ("worker",): _WORKERS,
}
"""Old verbs without a counterpart, and what to do instead."""

_CHANGED_FLAGS: Mapping[tuple[str, ...], Mapping[str, str]] = {
    ("backfill",): _BACKFILL,
    ("scheduler",): _PROCESS,
    ("dags", "list"): _SUBDIR,
    ("dags", "list-runs"): _LIST_RUNS,
    ("dags", "pause"): _SUBDIR,
    ("dags", "unpause"): _SUBDIR,
    ("dags", "show"): _SUBDIR,
    ("dags", "state"): _SUBDIR,
    ("dags", "next-execution"): _SUBDIR,
    ("dags", "test"): {"-S": "-f", "--subdir": "--dagfile-path"},
    ("dags", "trigger"): _TRIGGER,
    ("tasks", "list"): {**_SUBDIR, "-t": "", "--tree": ""},
    ("tasks", "test"): _SUBDIR,
    ("tasks", "state"): _SUBDIR,
    ("tasks", "clear"): {**_SUBDIR},
}
"""Verbs that kept their names while flags changed: translated without a note on the verb."""

_SWITCHES = {"variables": _variables, "connections": _connections}


def todays_name(verb: str) -> str | None:
    """Today's command for an old top-level verb."""
    found = VERBS.get((verb,))
    return " ".join(found.today) if found and found.today else None


def translate(arguments: Sequence[str]) -> tuple[Arguments, list[str]]:
    """Today's arguments, and what to tell the user about it.

    Raises UserError for a verb that has no counterpart.
    """
    words = list(arguments)
    for length in (2, 1):
        verb = VERBS.get(tuple(words[:length]))
        if verb is not None and len(words) >= length and verb.today:
            rest, notes = _rename(words[length:], verb.flags)
            if verb.rewrite:
                rest = verb.rewrite(rest)
            old, new = " ".join(words[:length]), " ".join(verb.today)
            return [*verb.today, *rest], [f"Note: `{old}` is `{new}` today.", *notes]
    for length in (2, 1):
        advice = _NO_LONGER.get(tuple(words[:length]))
        if advice is not None and len(words) >= length:
            raise UserError(f"`{' '.join(words[:length])}` has no counterpart: {advice}.")
    for length in (2, 1):
        flags = _CHANGED_FLAGS.get(tuple(words[:length]))
        if flags is not None and words[1:2] != ["create"]:
            rest, notes = _rename(words[length:], flags)
            return [*words[:length], *rest], notes
    if words and words[0] in _SWITCHES and words[1:2] and words[1].startswith("-"):
        if words[1] in ("-h", "--help"):
            return words, []
        rest = _SWITCHES[words[0]](words[1:])
        return [words[0], *rest], [
            f"Note: `{words[0]} {words[1]}` is `{words[0]} {rest[0]}` today."
        ]
    return words, []


def _rename(arguments: Arguments, flags: Mapping[str, str]) -> tuple[Arguments, list[str]]:
    """Rename and drop flags. A flag may carry its value after `=`."""
    result: Arguments = []
    notes: list[str] = []
    waiting = iter(arguments)
    for item in waiting:
        flag, equals, value = item.partition("=")
        today = flags.get(flag)
        if today is None:
            result.append(item)
        elif today in ("", "="):
            if today == "=" and not equals:
                next(waiting, None)
            if flag not in _DAG_ID:
                notes.append(f"Note: {flag} has no effect any more.")
        else:
            result.append(f"{today}{equals}{value}")
    return result, notes
