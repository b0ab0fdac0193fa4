"""The child that a file zygote forks ahead of its order."""

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE_S
from tests.runtime.partner import Partner, make_settings
from tests.runtime.processes import children, is_alive, name_of, supervisor_pid, wait_gone
from tests.runtime.test_zygote import look, write
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptStarted
from tradewind.runtime.spare import ORDER_BYTES_MAX, RUNNING_MAX, Spare, stand_by
from tradewind.runtime.user_code import UserCode

HELD = """
import time
from pathlib import Path
from tradewind import DAG, task

with DAG("d", schedule=None):
    @task
    def look():
        while not Path({gate!r}).exists():
            time.sleep(0.01)
    look()
"""


def eventually(found: Callable[[], Any]) -> Any:
    """The first true value."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return value


def file_zygote(partner: Partner) -> int:
    (base,) = children(supervisor_pid(partner.settings))
    (zygote,) = [pid for pid in children(base) if name_of(pid) == "tradewind: zygote d.py"]
    return zygote


def spare_of(partner: Partner) -> int:
    """The pid of the file zygote's, when it is ready."""
    zygote = file_zygote(partner)
    return eventually(
        lambda: next((pid for pid in children(zygote) if is_spare(pid)), None)  # type: ignore[no-any-return]
    )


def is_spare(pid: int) -> bool:
    try:
        return name_of(pid) == "tradewind: spare d.py"
    except FileNotFoundError:
        return False


def test_next_task_is_the_process_that_waited(partner: Partner) -> None:
    dag = write(partner)
    seen = [look(partner, *dag) for _ in range(2)]
    for _ in range(2):
        waited = spare_of(partner)
        seen.append(look(partner, *dag))
        assert seen[-1]["pid"] == waited
    assert len({one["random"] for one in seen}) == len(seen)
    assert "TRADEWIND_ATTEMPT" in seen[-1]["environ"]
    assert seen[-1]["environ"].keys() == seen[1]["environ"].keys()  # the rehearsal left nothing


def test_lost_spare_is_replaced(partner: Partner) -> None:
    dag = write(partner)
    for _ in range(2):
        look(partner, *dag)
    lost = spare_of(partner)
    os.kill(lost, signal.SIGKILL)
    wait_gone(lost)
    assert look(partner, *dag)["pid"] != lost
    assert spare_of(partner) != lost


def test_order_that_finds_no_spare_is_not_lost(partner: Partner) -> None:
    """It is stopped when it gets its order, and killed before it can read it."""
    dag = write(partner)
    for _ in range(2):
        look(partner, *dag)
    stopped = spare_of(partner)
    os.kill(stopped, signal.SIGSTOP)
    token = partner.dispatch(dag[0], "look", dag[1])
    zygote = file_zygote(partner)
    eventually(lambda: [pid for pid in children(zygote) if is_spare(pid) and pid != stopped])
    os.kill(stopped, signal.SIGKILL)
    assert partner.end_of(token).result is Result.NOT_STARTED


def test_spare_goes_with_its_zygote(partner: Partner) -> None:
    dag = write(partner)
    for _ in range(2):
        look(partner, *dag)
    spare = spare_of(partner)
    os.kill(file_zygote(partner), signal.SIGKILL)
    wait_gone(spare)


def test_stale_spare_gets_no_task(partner: Partner) -> None:
    file, code_hash = write(partner, result="1")
    for _ in range(2):
        look(partner, file, code_hash)
    spare = spare_of(partner)
    write(partner, result="2")
    seen = look(partner, file, code_hash)  # ordered before anybody has seen the change
    assert (seen["extra"], seen["pid"] == spare) == (2, False)
    wait_gone(spare)


def test_busy_machine_has_none(partner: Partner, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    file = partner.write_dag("d.py", HELD.format(gate=str(gate)))
    tokens = [partner.dispatch(file, "look", "h") for _ in range(2)]
    zygote = eventually(lambda: _zygote_or_none(partner))
    spare_of(partner)  # it has shown that it works
    tokens += [partner.dispatch(file, "look", "h") for _ in range(RUNNING_MAX + 1)]
    for token in tokens:
        partner.wait_for(AttemptStarted, token)
    forked = children(zygote)
    assert len(forked) > RUNNING_MAX
    assert not [pid for pid in forked if is_spare(pid)]
    gate.touch()
    for token in tokens:
        assert partner.end_of(token).result is Result.SUCCESS


def _zygote_or_none(partner: Partner) -> int | None:
    try:
        return file_zygote(partner)
    except ValueError:
        return None


def test_file_that_keeps_spares_from_rehearsing_still_runs(partner: Partner) -> None:
    """The first has to show that it can."""
    hangs = (
        "from tradewind.runtime import execution\n"
        "real = execution.run_attempt\n"
        "def slow(dag, *rest):\n"
        "    while dag.dag_id == 'rehearsal':\n"
        "        signal.pause()\n"
        "    return real(dag, *rest)\n"
        "execution.run_attempt = slow"
    )
    dag = write(partner, hangs)
    seen = [look(partner, *dag) for _ in range(2)]
    (waits,) = eventually(lambda: children(file_zygote(partner)))
    seen += [look(partner, *dag) for _ in range(2)]
    assert waits not in {one["pid"] for one in seen}
    eventually(lambda: children(file_zygote(partner)) == [waits])  # no other is forked beside it


@pytest.mark.parametrize(("length", "by_spare"), [(60_000, True), (ORDER_BYTES_MAX, False)])
def test_long_order(partner: Partner, length: int, by_spare: bool) -> None:
    """One that its line would not take at once goes by a fork."""
    dag = write(partner)
    for _ in range(2):
        look(partner, *dag)
    waits = spare_of(partner)
    run = replace(partner.attempt(dag[0], "look").run, conf={"text": "x" * length})
    outcome = partner.end_of(partner.dispatch(dag[0], "look", dag[1], run=run))
    assert outcome.result is Result.SUCCESS
    assert (dict(outcome.xcoms)["return_value"]["pid"] == waits) is by_spare


def test_dismissed_one_leaves(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        os.setpgid(0, 0)
        stand_by(theirs, UserCode(make_settings(tmp_path)), "d.py")
    theirs.close()
    assert is_alive(pid)
    Spare(pid, ours).dismiss()
    assert os.waitpid(pid, 0)[1] == 0


def test_order_to_one_that_is_gone_says_so() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with (Path(os.devnull)).open() as nothing:
        assert not Spare(0, ours).order(b"x", nothing.fileno())
