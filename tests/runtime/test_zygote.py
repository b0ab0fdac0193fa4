"""The zygote contract, line by line, as a task sees it."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.partner import Partner, make_settings
from tests.runtime.processes import children, is_alive, supervisor_pid, wait_gone
from tradewind.model.attempts import Result
from tradewind.model.events import CodeLoaded

DAG = """
import gc, os, random, signal, sys
from pathlib import Path
from tradewind import DAG, task

LOADED_BY = os.getpid()
{extra}

with DAG("d", schedule=None):
    @task
    def look():
        return {{
            "pid": os.getpid(),
            "group": os.getpgid(0),
            "loaded_by_zygote": LOADED_BY != os.getpid(),
            "zygote": Path(f"/proc/{{os.getppid()}}/cmdline").read_bytes().rstrip(b"\\0").decode(),
            "environ": dict(os.environ),
            "argv": sys.argv,
            "cwd": os.getcwd(),
            "random": random.random(),
            "threads": len(os.listdir("/proc/self/task")),
            "descriptors": [
                os.readlink(f"/proc/self/fd/{{n}}") for n in os.listdir("/proc/self/fd")
                if os.path.lexists(f"/proc/self/fd/{{n}}")
            ],
            "frozen": gc.get_freeze_count(),
            "sigchld": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL,
            "sigint": signal.getsignal(signal.SIGINT) == signal.default_int_handler,
            "extra": {result},
        }}
    look()
"""


def write(partner: Partner, extra: str = "", result: str = "None") -> tuple[Path, str]:
    """The file, and its code_hash."""
    file = partner.write_dag("d.py", DAG.format(extra=extra, result=result))
    return file, partner.code_hash(file)


def look(partner: Partner, file: Path, code_hash: str) -> dict[str, Any]:
    outcome = partner.run(file, "look", code_hash)
    assert outcome.result is Result.SUCCESS, outcome
    seen: dict[str, Any] = dict(outcome.xcoms)["return_value"]
    return seen


def test_second_task_of_the_same_code_gets_a_zygote_of_its_file(partner: Partner) -> None:
    dag = write(partner)
    first, second, third = (look(partner, *dag) for _ in range(3))
    assert (first["zygote"], first["loaded_by_zygote"]) == ("tradewind: zygote", False)
    assert (second["zygote"], second["loaded_by_zygote"]) == ("tradewind: zygote d.py", True)
    assert third["zygote"] == "tradewind: zygote d.py"


def test_changed_code_never_meets_a_stale_zygote(partner: Partner) -> None:
    file, code_hash = write(partner, result="1")
    for _ in range(2):
        look(partner, file, code_hash)
    file, changed = write(partner, result="2")
    assert changed != code_hash
    assert [look(partner, file, changed)["extra"] for _ in range(2)] == [2, 2]


def test_file_that_changed_after_the_order_runs_as_it_is(partner: Partner) -> None:
    file, code_hash = write(partner)
    seen = [look(partner, file, "of an earlier state") for _ in range(3)]
    assert [one["loaded_by_zygote"] for one in seen] == [False, True, True]
    told = [event.source.code_hash for event in partner.events if isinstance(event, CodeLoaded)]
    assert told == [code_hash] * 3


def test_task_finds_a_clean_process(partner: Partner) -> None:
    dag = write(partner)
    seen = [look(partner, *dag) for _ in range(3)][-1]
    assert seen["group"] == seen["pid"]
    assert seen["argv"] == ["tradewind"]
    assert seen["cwd"] == os.getcwd()
    assert seen["threads"] == 1
    assert seen["frozen"] > 1000
    assert seen["sigchld"] and seen["sigint"]


def test_every_task_has_random_numbers_of_its_own(partner: Partner) -> None:
    dag = write(partner, "random.seed(1)\nimport numpy", "float(numpy.random.random())")
    seen = [look(partner, *dag) for _ in range(3)]
    assert seen[1]["loaded_by_zygote"] and seen[2]["loaded_by_zygote"]
    assert seen[1]["random"] != seen[2]["random"]
    assert seen[1]["extra"] != seen[2]["extra"]


def test_secrets_stay_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "TRADEWIND__DATABASE__URL": "postgresql://u:hidden@h/d",
        "TRADEWIND__CORE__FERNET_KEY": "hidden",
        "AIRFLOW__API_AUTH__JWT_SECRET": "hidden",
        "TRADEWIND_ADMIN_PASSWORD": "hidden",
    }
    for name, value in {**secrets, "AIRFLOW_VAR_GREETING": "kept"}.items():
        monkeypatch.setenv(name, value)
    partner = Partner(make_settings(tmp_path))
    partner.start()
    seen = look(partner, *write(partner))
    assert not secrets.keys() & seen["environ"].keys()
    assert "hidden" not in str(seen["environ"])
    assert seen["environ"]["AIRFLOW_VAR_GREETING"] == "kept"
    partner.stop()


def test_nothing_is_inherited(tmp_path: Path) -> None:
    careless, other = os.pipe()
    os.set_inheritable(careless, True)
    partner = Partner(make_settings(tmp_path))
    partner.start()
    dag = write(partner)
    for _ in range(2):
        kinds = sorted(
            name.partition(":")[0]
            for name in look(partner, *dag)["descriptors"]
            if not name.endswith("attempt=1.log") and not name.endswith("attempt=2.log")
        )
        listing = [kind for kind in kinds if kind.startswith("/proc")]
        assert [kind for kind in kinds if kind not in listing] == ["/dev/null", "socket"]
    partner.stop()
    os.close(careless)
    os.close(other)


@pytest.mark.parametrize(
    "extra",
    [
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "import socket; pair = socket.socketpair()",
        "pair = os.pipe()",
    ],
)
def test_file_that_leaves_threads_or_sockets_is_not_forked_from(
    partner: Partner, extra: str
) -> None:
    dag = write(partner, extra)
    assert [look(partner, *dag)["zygote"] for _ in range(3)] == ["tradewind: zygote"] * 3


def test_file_with_openblas_threads_is_forked_from(partner: Partner) -> None:
    pytest.importorskip("numpy")
    work = "(numpy.ones((300, 300)) @ numpy.ones((300, 300)))[0, 0].item()"
    dag = write(partner, f"import numpy\n{work}", work)
    seen = [look(partner, *dag) for _ in range(3)]
    assert [one["extra"] for one in seen] == [300.0] * 3
    assert seen[2]["zygote"] == "tradewind: zygote d.py"


def test_file_that_does_not_load_fails_its_tasks_only(partner: Partner) -> None:
    file = partner.write_dag("d.py", "import nothing_of_this_name\n")
    for _ in range(3):
        outcome = partner.run(file, "look", "h")
        assert outcome.result is Result.FAILED
        assert outcome.reason is not None and "nothing_of_this_name" in outcome.reason


def test_file_that_exits_or_crashes_while_loading(partner: Partner) -> None:
    file = partner.write_dag("d.py", "import sys; sys.exit(0)\n")
    assert partner.run(file, "look", "h").result is Result.FAILED
    file = partner.write_dag("d.py", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)\n")
    for _ in range(2):
        outcome = partner.run(file, "look", "h2")
        assert (outcome.result, outcome.reason) == (Result.LOST, "lost: exit code -11 (SIGSEGV)")


def test_lost_base_zygote_is_replaced(partner: Partner) -> None:
    dag = write(partner)
    (zygote,) = children(supervisor_pid(partner.settings))
    look(partner, *dag)
    os.kill(zygote, 9)
    wait_gone(zygote)
    assert look(partner, *dag)["zygote"].startswith("tradewind: zygote")
    assert not is_alive(zygote)
