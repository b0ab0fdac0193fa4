"""The zygote contract, each line with its test.

| line | test |
| --- | --- |
| started by exec from a parent with one thread and no database | `test_zygote_comes_by_exec_...` |
| scrubbed environment | `test_zygote::test_secrets_stay_behind` |
| no inherited descriptors | `test_zygote::test_nothing_is_inherited`, `test_tasks_forked_at_once_...` |
| counts native threads, sockets, pipes | `test_zygote::test_file_that_leaves_...`, `test_native_thread_...` |
| counts CUDA contexts | `test_what_a_fork_would_share` |
| OpenBLAS's pool is allowed | `test_zygote::test_file_with_openblas_threads_is_forked_from` |
| GNU OpenMP's pool is not: it hangs after a fork | `test_file_with_an_openmp_pool_...` |
| an unsafe file's tasks fork from the base and import themselves | the four above |
| `gc.freeze()` | `test_zygote::test_task_finds_a_clean_process` |
| a new process group | `test_zygote::test_task_finds_a_clean_process` |
| `random`, numpy and torch seeded anew | `test_zygote::test_every_task_has_...`, `test_torch_is_seeded_anew` |
| folder, environment, umask, handlers, `sys.argv` as the import left them | `test_task_finds_what_...` |
| nothing flushed that was buffered before the fork; leaves by `os._exit` | `test_what_was_buffered_...` |
| its own streams are flushed | `test_reuse::test_every_try_has_its_own_log`, `test_what_was_buffered_...` |
| `run_as_user` always spawns | `test_task_of_another_user_is_spawned` |
| other systems than Linux always spawn | `test_other_systems_have_no_zygotes` |
| the least recently used goes, by count and by memory | `test_least_recently_used_zygote_...` |
| none with a running task goes | `test_zygote_with_a_running_task_stays` |
| a first task forks from the base, a second has a zygote made | `test_zygote::test_second_task_of_...` |
| a stale one gets no task | `test_zygote::test_changed_code_...`, `test_zygote::test_file_that_changed_...` |
| `spawn` | `test_supervisor::test_spawn_isolation_runs_in_a_fresh_interpreter` |
"""

import functools
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.runtime.partner import Partner, code_hash_of, make_settings
from tests.runtime.processes import children, name_of, supervisor_pid
from tests.runtime.test_zygote import look, write
from tradewind.model.codec import to_data
from tradewind.runtime import zygote_pool
from tradewind.runtime.attempts import HeldAttempt
from tradewind.runtime.briefing import Briefing
from tradewind.runtime.journal import Journal
from tradewind.runtime.leftovers import kill_leftovers
from tradewind.runtime.pools import Pools
from tradewind.runtime.protocol import Exited, peek
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.safety import is_shared
from tradewind.runtime.warm import Reports
from tradewind.runtime.zygote_pool import ZygotePool


def test_zygote_comes_by_exec_from_a_parent_without_threads_or_database(partner: Partner) -> None:
    dag = write(partner, "", "sorted(sys.modules)")
    for _ in range(2):
        modules = look(partner, *dag)["extra"]
    supervisor = supervisor_pid(partner.settings)
    assert len(os.listdir(f"/proc/{supervisor}/task")) == 1
    mapped = Path(f"/proc/{supervisor}/maps").read_text()
    assert "sqlite" not in mapped and "psycopg" not in mapped
    assert not [name for name in modules if name.startswith("tradewind.storage")]
    assert "tradewind.runtime.supervisor" not in modules  # nothing of its parent's memory


def test_tasks_forked_at_once_have_one_socket_each(partner: Partner) -> None:
    dag = write(partner)
    for _ in range(2):
        look(partner, *dag)
    tokens = [partner.dispatch(dag[0], "look", dag[1]) for _ in range(8)]
    for token in tokens:
        seen = dict(partner.end_of(token).xcoms)["return_value"]
        assert seen["loaded_by_zygote"]
        assert len([one for one in seen["descriptors"] if one.startswith("socket:")]) == 1


def test_native_thread_makes_a_file_unsafe(partner: Partner) -> None:
    thread = (
        "import ctypes; libc = ctypes.CDLL(None); number = ctypes.c_ulong();"
        "libc.pthread_create(ctypes.byref(number), None, libc.pause, None)"
    )
    dag = write(partner, thread)
    assert [look(partner, *dag)["zygote"] for _ in range(3)] == ["tradewind: zygote"] * 3


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("socket:[1]", True),
        ("pipe:[1]", True),
        ("anon_inode:[eventpoll]", True),
        ("/dev/nvidiactl", True),
        ("/dev/nvidia0", True),
        ("/dev/null", False),
        ("/tmp/a.csv", False),
    ],
)
def test_what_a_fork_would_share(name: str, shared: bool) -> None:
    assert is_shared(name) is shared


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs a compiler")
def test_file_with_an_openmp_pool_is_not_forked_from(partner: Partner, tmp_path: Path) -> None:
    source, library = tmp_path / "sum.c", tmp_path / "sum.so"
    source.write_text(
        "int sum(void) { int s = 0;\n"
        "#pragma omp parallel for num_threads(4) reduction(+:s)\n"
        "for (int i = 0; i < 1000; i++) s += i; return s; }\n"
    )
    command = ["gcc", "-shared", "-fPIC", "-fopenmp", "-o", library, source]
    subprocess.run(command, check=True)
    work = f"ctypes.CDLL({str(library)!r}).sum()"
    dag = write(partner, f"import ctypes\n{work}", work)
    seen = [look(partner, *dag) for _ in range(3)]  # a fork of its pool would wait for ever
    assert [one["extra"] for one in seen] == [499500] * 3
    assert seen[2]["zygote"] == "tradewind: zygote"


def test_torch_is_seeded_anew(partner: Partner) -> None:
    torch = (
        "import types; torch = sys.modules['torch'] = types.ModuleType('torch');"
        "torch.seeded = []; torch.seed = lambda: torch.seeded.append(os.getpid())"
    )
    dag = write(partner, torch, "torch.seeded == [os.getpid()]")
    seen = [look(partner, *dag) for _ in range(3)]
    assert seen[2]["loaded_by_zygote"] and seen[2]["extra"] is True


def test_task_finds_what_its_import_left_cold_or_warm(partner: Partner) -> None:
    changes = (
        "os.chdir('/'); os.environ['FROM_FILE'] = 'yes'; os.umask(0o27); sys.argv.append('more');"
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)"
    )
    state = "[os.umask(0o27), str(signal.getsignal(signal.SIGUSR1))]"
    dag = write(partner, changes, state)
    cold, _, warm = (look(partner, *dag) for _ in range(3))
    assert not cold["loaded_by_zygote"] and warm["loaded_by_zygote"]
    names = ("cwd", "argv", "extra", "sigchld", "sigint")
    assert {name: cold[name] for name in names} == {name: warm[name] for name in names}
    assert (warm["cwd"], warm["argv"], warm["extra"][0]) == ("/", ["tradewind", "more"], 0o27)
    for seen in (cold, warm):
        assert seen["environ"]["FROM_FILE"] == "yes"
    own = ("TRADEWIND_ATTEMPT", "AIRFLOW_CTX_")
    environs = [
        {name: value for name, value in seen["environ"].items() if not name.startswith(own)}
        for seen in (cold, warm)
    ]
    assert environs[0] == environs[1]


def test_what_was_buffered_before_the_fork_is_not_written(partner: Partner, tmp_path: Path) -> None:
    buffered, at_exit = tmp_path / "buffered.txt", tmp_path / "at-exit.txt"
    extra = (
        f"kept = open({str(buffered)!r}, 'a'); kept.write('of the import');"
        f"import atexit; atexit.register(Path({str(at_exit)!r}).touch);"
        "print('half a line of the import', end=''); sys.__stdout__.write('and more')"
    )
    dag = write(partner, extra, "print('half a line of the task', end='')")
    for _ in range(3):
        token = partner.dispatch(dag[0], "look", dag[1])
        seen = dict(partner.end_of(token).xcoms)["return_value"]
    assert seen["loaded_by_zygote"]
    log = partner.log_file(token).read_text()
    assert "half a line of the task" in log
    assert "of the import" not in log and "and more" not in log
    assert buffered.read_text() == ""
    assert not at_exit.exists()


@pytest.mark.parametrize("isolation", ["fork", "reuse"])
def test_task_of_another_user_is_spawned(tmp_path: Path, isolation: str) -> None:
    partner = Partner(make_settings(tmp_path, isolation=isolation))
    partner.start()
    file, code_hash = write(partner)
    for _ in range(2):
        outcome = partner.run(file, "look", code_hash, run_as_user="somebody")
        seen = dict(outcome.xcoms)["return_value"]
        assert (seen["zygote"], seen["loaded_by_zygote"]) == ("tradewind: supervisor", False)
    partner.stop()


@pytest.mark.parametrize("isolation", ["fork", "reuse", "spawn"])
def test_other_systems_have_no_zygotes(tmp_path: Path, isolation: str) -> None:
    before = set(children(os.getpid()))
    reactor = Reactor()
    reports = Reports(*(lambda *_: None,) * 5)
    pools = Pools(reactor, make_settings(tmp_path, isolation=isolation), reports, "darwin")
    assert set(children(os.getpid())) == before
    pools.close()
    reactor.close()


class Keeper:
    """A ZygotePool without a supervisor around it."""

    def __init__(self, home: Path) -> None:
        self.partner = Partner(make_settings(home))
        self.settings = self.partner.settings
        self.settings.run_folder.mkdir(mode=0o700, parents=True)
        self.over: set[str] = set()
        self.started: dict[str, int] = {}
        self.reactor = Reactor()
        self.journal = Journal(self.settings.run_folder / "attempts")
        self.briefing = Briefing(self.settings)
        reports = Reports(self.said, lambda *_: None, self.exited, self.refused, lambda _: None)
        before = set(children(os.getpid()))
        self.pool = ZygotePool(self.reactor, self.settings, reports)
        (self.base,) = set(children(os.getpid())) - before
        self.files = {
            name: self.partner.write_dag(f"{name}.py", SLEEPER) for name in ("a", "b", "c")
        }

    def said(self, attempt: HeldAttempt, line: bytes) -> None:
        name, data = peek(line)
        if name == "AttemptStarted":
            self.started[attempt.token] = data["pid"]

    def exited(self, token: str, exited: Exited | None) -> None:
        self.over.add(token)

    def refused(self, attempt: HeldAttempt, reason: str) -> None:
        raise AssertionError(reason)

    def start(self, name: str, task_id: str = "quick") -> str:
        file = self.files[name]
        code_hash = self.hash_of(file)
        order = self.partner.attempt(file, task_id, code_hash)
        begin = self.briefing.begin(to_data(order), self.journal.begin(order.token))
        self.pool.start(HeldAttempt(order.token), (str(file), code_hash), begin)
        return order.token

    @functools.cache  # noqa: B019 one per test
    def hash_of(self, file: Path) -> str:
        return code_hash_of(file, file.parent)

    def run_twice(self, name: str) -> None:
        for _ in range(2):
            token = self.start(name)
            self.until(lambda token=token: token in self.over)

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline
            self.reactor.after(0.05, lambda: None)
            self.reactor.turn()

    def zygotes(self) -> list[str]:
        """The files that have a zygote."""
        names = [name_of(pid) for pid in children(self.base)]
        return sorted(
            name.removeprefix("tradewind: zygote ")[0]
            for name in names
            if name.startswith("tradewind: zygote ") and name.endswith(".py")
        )

    def close(self) -> None:
        kill_leftovers([], self.started.values())
        self.pool.close()
        self.journal.close()
        self.reactor.close()


SLEEPER = """
import time
from tradewind import DAG, task

with DAG("d", schedule=None):
    @task
    def quick():
        pass

    @task
    def sleeps():
        time.sleep(600)

    quick(), sleeps()
"""


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    keeper = Keeper(tmp_path)
    yield keeper
    keeper.close()


@pytest.mark.parametrize(
    ("limit", "value", "left"),
    [("FILE_ZYGOTES_MAX", 2, ["b", "c"]), ("PRIVATE_KIB_MAX", 1, ["c"])],
)
def test_least_recently_used_zygote_makes_room(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, left: list[str]
) -> None:
    monkeypatch.setattr(zygote_pool, limit, value)
    for name in ("a", "b", "c"):
        keeper.run_twice(name)
    keeper.until(lambda: keeper.zygotes() == left)


def test_zygote_with_a_running_task_stays(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zygote_pool, "FILE_ZYGOTES_MAX", 1)
    keeper.run_twice("a")
    sleeping = keeper.start("a", "sleeps")
    keeper.until(lambda: sleeping in keeper.started)
    for name in ("b", "c"):
        keeper.run_twice(name)
    keeper.until(lambda: keeper.zygotes() == ["a", "c"])
    assert sleeping not in keeper.over


def test_names_of_the_table_exist() -> None:
    """Every test that the table at the top names is there."""
    folder = Path(__file__).parent
    here = Path(__file__).read_text()
    for cell in (line.split("|")[2] for line in (__doc__ or "").splitlines() if "`" in line):
        for name in cell.split("`")[1::2]:
            module, _, test = name.rpartition("::")
            text = (folder / f"{module}.py").read_text() if module else here
            assert f"def {test.removesuffix('...')}" in text, name
