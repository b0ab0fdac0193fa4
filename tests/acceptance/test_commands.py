"""Commands given over HTTP to a real API server and carried out by a real scheduler: one outcome
each, whoever else asks, hangs, dies or comes back meanwhile."""

import http.client
import json
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from tests.acceptance.test_scheduler_process import SCHEDULER, Home
from tradewind.model.clock import SystemClock
from tradewind.model.states import RunState
from tradewind.scheduler.stop import wait
from tradewind.server.auth.passwords import hash_password
from tradewind.storage import components, users
from tradewind.storage.tables import dag_run, inbox

pytestmark = pytest.mark.acceptance

BOUND_S = 240.0
CLIENTS = 8
MANY = 2000
SERVE = """
import sys
from tradewind.config.load import load_settings
from tradewind.server.process import main
sys.exit(main(load_settings()))
"""
DAGS = """
from tradewind import DAG, task
from tradewind.integrations.standard.operators.empty import EmptyOperator

with DAG("at_once"):
    EmptyOperator(task_id="nothing")

with DAG("work"):
    @task
    def first():
        return 20

    @task
    def second(number):
        return number + 1

    second(first())
"""
LARGE = f"""
from tradewind import DAG
from tradewind.integrations.standard.operators.empty import EmptyOperator

with DAG("large"):
    for number in range({MANY}):
        EmptyOperator(task_id=f"t{{number}}")
"""


class Answer(tuple[int, Any]):
    """Status and JSON of one answer."""

    @property
    def status(self) -> int:
        return self[0]

    @property
    def detail(self) -> str:
        return str(self[1]["detail"])


class Product(Home):
    """A scheduler and an API server, each a process, on one home."""

    def __init__(self, folder: Path, **environ: str) -> None:
        super().__init__(folder, TRADEWIND__API__PORT="0", **environ)
        self.load(DAGS)
        with self.database.write() as conn:
            now = SystemClock().now()
            users.upsert(conn, "ann", password_hash=hash_password("pw"), role="admin", now=now)
        self.servers: list[subprocess.Popen[bytes]] = []
        self.url = ""
        self._token = ""

    def serve(self, **environ: str) -> None:
        """Start an API server and sign in."""
        log = self.folder / f"api-server-{len(self.servers)}.log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "-c", SERVE], env={**self.environ, **environ}, stderr=output
            )
        self.servers.append(server)
        until = monotonic() + BOUND_S
        while not (found := re.search(r"listening on (\S+)", log.read_text())):
            assert server.poll() is None and monotonic() < until, log.read_text()
            wait([], 0.02)
        self.url = found[1]
        login = self.ask("POST", "/auth/token", {"username": "ann", "password": "pw"})
        self._token = login[1]["access_token"]

    def start(self) -> subprocess.Popen[str]:
        """Start a scheduler; it is there when this returns."""
        with (self.folder / f"scheduler-{len(self.schedulers)}.log").open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", SCHEDULER], env=self.environ, stderr=output, text=True
            )
        self.schedulers.append(process)
        self.sees(lambda: self.is_announced(process))
        return process

    def is_announced(self, process: "subprocess.Popen[str]") -> bool:
        with self.database.read() as conn:
            return any(
                one.kind == "scheduler" and one.pid == process.pid
                for one in components.living(conn)
            )

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """One request on a connection of its own. Fails if nobody answers."""
        address = urlsplit(self.url)
        with closing(
            http.client.HTTPConnection(str(address.hostname), address.port, timeout=BOUND_S)
        ) as connection:
            headers = {
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self._token}",
            }
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return Answer((answer.status, json.loads(answer.read())))

    def post_run(self, run_id: str, dag_id: str = "at_once") -> Answer:
        body = {"dag_run_id": run_id, "logical_date": None}
        return self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)

    def run_ids(self, dag_id: str = "at_once") -> list[str]:
        """As the database has them."""
        query = sa.select(dag_run.c.run_id).where(dag_run.c.dag_id == dag_id)
        with self.database.read() as conn:
            return sorted(conn.execute(query).scalars())

    def shown(self, path: str, name: str) -> Any:
        """One field of what a request shows."""
        status, found = self.ask("GET", f"/api/v2/dags/{path}")
        assert status == 200, found
        return found[name]

    def waiting(self) -> list[int | None]:
        """How far each command in the inbox has come; None for one that was not taken."""
        with self.database.read() as conn:
            return list(conn.execute(sa.select(inbox.c.done)).scalars())

    def hang(self, process: "subprocess.Popen[str]") -> list[int | None]:
        """Stop a scheduler that is not in the middle of writing; what waits then."""
        with self._nobody_writes():
            process.send_signal(signal.SIGSTOP)
            stat = Path(f"/proc/{process.pid}/stat")
            self.sees(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T")
            return self.waiting()

    @contextmanager
    def _nobody_writes(self) -> Iterator[None]:
        """Keep others from writing to SQLite's file. PostgreSQL locks nothing that matters here."""
        if self.database.path is None:
            yield
            return
        with closing(sqlite3.connect(self.database.path, timeout=0, isolation_level=None)) as conn:
            until = monotonic() + BOUND_S
            while True:
                try:
                    conn.execute("BEGIN IMMEDIATE")
                    break
                except sqlite3.OperationalError:  # at once again: it may be free for moments only
                    assert monotonic() < until
            yield

    def kill_all(self) -> None:
        for process in (*self.schedulers, *self.servers):
            process.kill()
            process.wait(BOUND_S)

    def close(self) -> None:
        self.kill_all()
        super().close()


@pytest.fixture
def clients() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CLIENTS) as pool:
        yield pool


@pytest.fixture
def product(tmp_path: Path, database_url: str) -> Iterator[Product]:
    """On SQLite and on PostgreSQL."""
    made = Product(tmp_path, TRADEWIND__DATABASE__URL=database_url)
    yield made
    made.close()


POSTGRESQL_IS_SLOW = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)],
    indirect=True,
)


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Product]:
    made = Product(tmp_path)
    yield made
    made.close()


def all_at_once(clients: ThreadPoolExecutor, product: Product, run_id: str, dag_id: str) -> None:
    """Every client asks for the same run; one gets it."""
    asked = [clients.submit(product.post_run, run_id, dag_id) for _ in range(CLIENTS)]
    answers = [one.result() for one in asked]
    assert Counter(answer.status for answer in answers) == {200: 1, 409: CLIENTS - 1}, answers
    for answer in answers:
        if answer.status == 409:
            assert f"already has a run {run_id}" in answer.detail


@POSTGRESQL_IS_SLOW
def test_of_many_who_ask_for_one_run_one_gets_it(
    product: Product, clients: ThreadPoolExecutor
) -> None:
    product.start()
    product.serve()
    names = [f"r{number}" for number in range(5)]
    for name in names:
        all_at_once(clients, product, name, "at_once")
    all_at_once(clients, product, "r0", "work")
    assert product.run_ids() == names
    assert product.run_ids("work") == ["r0"]

    product.kill_all()
    product.start()
    product.serve()
    answers = list(clients.map(product.post_run, names))
    assert {answer.status for answer in answers} == {409}, answers
    assert product.post_run("r0", "work").status == 409
    assert product.run_ids() == names
    assert product.run_ids("work") == ["r0"]
    assert product.waiting() == []


def test_two_that_wait_together_for_one_run(
    on_sqlite: Product, clients: ThreadPoolExecutor
) -> None:
    scheduler = on_sqlite.start()
    on_sqlite.serve(TRADEWIND__API__COMMAND_TIMEOUT="50")
    for dag_id in ("at_once", "work"):
        on_sqlite.hang(scheduler)
        asked = [clients.submit(on_sqlite.post_run, "r", dag_id) for _ in range(2)]
        on_sqlite.sees(lambda: on_sqlite.waiting() == [None, None])
        assert on_sqlite.run_ids(dag_id) == []

        scheduler.send_signal(signal.SIGCONT)
        assert sorted(one.result().status for one in asked) == [200, 409]
        assert on_sqlite.run_ids(dag_id) == ["r"]
        assert on_sqlite.waiting() == []


@POSTGRESQL_IS_SLOW
def test_with_no_scheduler_nothing_is_left_to_be_done_later(
    product: Product, clients: ThreadPoolExecutor
) -> None:
    product.serve(TRADEWIND__API__COMMAND_TIMEOUT="3600")  # an answer is one that does not wait
    answers = [one.result() for one in [clients.submit(product.post_run, "early") for _ in "ab"]]
    assert [answer.status for answer in answers] == [503, 503]
    assert "no scheduler is running: start `tradewind scheduler`" in answers[0].detail
    assert product.waiting() == []

    scheduler = product.start()
    assert product.post_run("later").status == 200
    assert product.run_ids() == ["later"]

    scheduler.terminate()
    assert scheduler.wait(BOUND_S) == 0
    assert product.post_run("too_late").status == 503
    product.start()
    assert product.post_run("again").status == 200
    assert product.run_ids() == ["again", "later"]


@pytest.mark.slow
def test_what_a_scheduler_that_hangs_does_not_take_is_withdrawn(product: Product) -> None:
    scheduler = product.start()
    product.serve()
    product.hang(scheduler)
    answer = product.post_run("lost")
    assert answer.status == 503
    assert "did not answer within 5 s; the request was withdrawn" in answer.detail
    assert product.waiting() == []

    scheduler.send_signal(signal.SIGCONT)
    assert product.post_run("later").status == 200
    assert product.run_ids() == ["later"]

    scheduler.kill()  # it has no time to say so
    scheduler.wait(BOUND_S)
    answer = product.post_run("lost_too")
    assert answer.status == 503
    assert product.waiting() == []
    product.start()
    assert product.post_run("again").status == 200
    assert product.run_ids() == ["again", "later"]


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGCONT, signal.SIGKILL], ids=["hangs", "dies"])
def test_who_asked_for_what_was_taken_waits_for_its_outcome(
    on_sqlite: Product, clients: ThreadPoolExecutor, end: signal.Signals
) -> None:
    """Be it that the scheduler hangs or dies in the middle of it."""
    on_sqlite.load(LARGE)
    scheduler = on_sqlite.start()
    on_sqlite.serve()
    assert on_sqlite.post_run("r", "large").status == 200
    on_sqlite.sees(lambda: on_sqlite.shown("large/dagRuns/r", "state") == RunState.SUCCESS)
    asked = catch_in_the_middle(on_sqlite, clients, scheduler)
    wait([], 6.0)  # longer than it may be withdrawn

    assert not asked.done()
    assert any(on_sqlite.waiting())
    scheduler.send_signal(end)
    if end is signal.SIGKILL:
        scheduler.wait(BOUND_S)
        on_sqlite.start()
    answer = asked.result(BOUND_S)
    assert answer.status == 200, answer
    assert answer[1]["total_entries"] == MANY
    assert on_sqlite.waiting() == []


def catch_in_the_middle(
    product: Product, clients: ThreadPoolExecutor, scheduler: "subprocess.Popen[str]"
) -> Future[Answer]:
    """Have a large run cleared, and the scheduler hang when that has begun and is not done."""
    body = {"dry_run": False, "dag_run_id": "r", "only_failed": False}
    until = monotonic() + BOUND_S
    while True:
        product.hang(scheduler)
        asked = clients.submit(product.ask, "POST", "/api/v2/dags/large/clearTaskInstances", body)
        product.sees(lambda asked=asked: asked.done() or product.waiting() == [None])
        while not asked.done():
            scheduler.send_signal(signal.SIGCONT)
            wait([], 0.03)
            if any(product.hang(scheduler)):
                return asked
        assert monotonic() < until, asked.result()


def test_a_read_after_a_write_sees_it(product: Product) -> None:
    product.start()
    product.serve()
    dag, run, first = "work", "work/dagRuns/r", "work/dagRuns/r/taskInstances/first"

    def done(method: str, path: str, **body: Any) -> None:
        answer = product.ask(method, f"/api/v2/dags/{path}", body)
        assert answer.status == 200, answer

    for is_paused in (True, False, True):
        done("PATCH", dag, is_paused=is_paused)
        assert product.shown(dag, "is_paused") is is_paused
    done("POST", f"{dag}/dagRuns", dag_run_id="r", logical_date=None)
    assert product.shown(run, "state") == "queued", "its DAG is paused"
    assert product.shown(f"{dag}/dagRuns", "total_entries") == 1
    for state in ("failed", "success"):
        done("PATCH", run, state=state)
        assert product.shown(run, "state") == state
    done("PATCH", run, note="seen")
    assert product.shown(run, "note") == "seen"
    assert product.shown(first, "state") == "skipped", "it had not begun"
    done("POST", f"{run}/clear", dry_run=False)
    assert product.shown(run, "state") == "queued"
    assert product.shown(first, "state") is None

    done("PATCH", dag, is_paused=False)
    product.sees(lambda: product.shown(run, "state") == RunState.SUCCESS)


def test_what_cannot_be_done_is_refused_with_its_reason(on_sqlite: Product) -> None:
    on_sqlite.start()
    on_sqlite.serve()
    assert on_sqlite.post_run("r").status == 200

    def refusal(method: str, path: str, **body: Any) -> tuple[int, str]:
        status, said = on_sqlite.ask(method, f"/api/v2/dags/{path}", body)
        return status, json.dumps(said["detail"])

    run, again = "at_once/dagRuns/r", {"dry_run": False}
    half = {"logical_date": None, "data_interval_start": "2024-05-02T00:00:00Z"}
    for status, reason, answer in (
        (404, "nowhere", refusal("POST", "nowhere/dagRuns", logical_date=None)),
        (404, "other", refusal("PATCH", "at_once/dagRuns/other", state="failed")),
        (404, "other", refusal("POST", "at_once/dagRuns/other/clear", **again)),
        (404, "gone", refusal("POST", "at_once/clearTaskInstances", task_ids=["gone"], **again)),
        (422, "state", refusal("PATCH", run, state="running")),
        (422, "give both", refusal("POST", "at_once/dagRuns", **half)),
        (
            409,
            "already has a run r",
            refusal("POST", "at_once/dagRuns", dag_run_id="r", logical_date=None),
        ),
    ):
        assert answer[0] == status, answer
        assert reason in answer[1]
    assert on_sqlite.run_ids() == ["r"]
    assert on_sqlite.waiting() == []
