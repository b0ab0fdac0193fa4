"""A task runs what its file is when it starts, whatever a warm process has loaded before."""

import os
from pathlib import Path

import pytest

from tests.runtime.partner import Partner, make_settings
from tests.runtime.processes import is_alive
from tradewind.authoring.fingerprints import of_content
from tradewind.model.attempts import Result
from tradewind.model.events import AttemptStarted, CodeLoaded

DAG = """
import os, time
from pathlib import Path
from tradewind import DAG, Variable, task
{imports}

LOADED_BY = os.getpid()

with DAG("d", schedule=None):
    @task
    def look():
        return [{value}, LOADED_BY != os.getpid()]
    look()

    @task
    def wait():
        Path({started!r}).touch()
        while not Path({go!r}).exists():
            time.sleep(0.01)
        return {value}
    wait()
"""


class File:
    """A DAG file that tells a value, and what a warm process of it tells."""

    def __init__(self, partner: Partner, tmp_path: Path) -> None:
        self.partner = partner
        self.folder = partner.settings.core.dags_folder
        self.started, self.go = tmp_path / "started", tmp_path / "go"

    def write(self, imports: str, value: str) -> None:
        text = DAG.format(imports=imports, value=value, started=str(self.started), go=str(self.go))
        self.path = self.partner.write_dag("d.py", text)

    def look(self) -> list[object]:
        """[value, whether a zygote had loaded it], of a task that is ordered as ever."""
        outcome = self.partner.run(self.path, "look", "as it was ordered")
        assert outcome.result is Result.SUCCESS, outcome
        seen: list[object] = dict(outcome.xcoms)["return_value"]
        return seen

    def warm_up(self, value: object) -> None:
        assert [self.look() for _ in range(3)] == [[value, False], [value, True], [value, True]]

    def settles(self, value: object) -> None:
        """Every task tells `value`, and before long they are forked from a warm process again."""
        first = self.look()
        assert first == [value, False]
        assert self.look()[0] == value
        assert self.look() == [value, True]


@pytest.fixture
def file(partner: Partner, tmp_path: Path) -> File:
    return File(partner, tmp_path)


def test_the_file_itself(file: File) -> None:
    file.write("", "1")
    file.warm_up(1)
    for value in (2, 3):  # at once, at equal length
        file.write("", str(value))
        file.settles(value)


def test_a_helper(file: File) -> None:
    helper = file.folder / "a_helper.py"
    helper.write_text("VALUE = 1\n")
    file.write("import a_helper", "a_helper.VALUE")
    file.warm_up(1)
    for value in (2, 3):
        helper.write_text(f"VALUE = {value}\n")
        file.settles(value)


def test_a_file_that_is_read(file: File) -> None:
    config = file.folder / "conf.json"
    config.write_text("1")
    file.write(f"VALUE = int(Path({str(config)!r}).read_text())", "VALUE")
    file.warm_up(1)
    config.write_text("2")
    file.settles(2)


def test_a_folder_that_is_listed(file: File) -> None:
    (file.folder / "sql").mkdir()
    file.write(f"VALUE = len(list(Path({str(file.folder / 'sql')!r}).glob('*.sql')))", "VALUE")
    file.warm_up(0)
    (file.folder / "sql" / "a.sql").write_text("")
    file.settles(1)


def test_a_variable(file: File) -> None:
    partner = file.partner
    partner.answers["GetVariable"] = "1"
    file.write("VALUE = Variable.get('v')", "VALUE")
    file.warm_up("1")
    partner.answers["GetVariable"] = "2"
    partner.executor.answers_changed()
    file.settles("2")
    partner.executor.answers_changed()  # another one
    assert file.look() == ["2", True], "the same answer: the zygote stays"


def test_old_zygotes_let_their_tasks_end(file: File) -> None:
    partner = file.partner
    file.write("", "1")
    file.warm_up(1)
    token = partner.dispatch(file.path, "wait", "as it was ordered")
    pid = partner.wait_for(AttemptStarted, token).pid
    partner.until(file.started.exists)
    zygote = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    file.write("", "2")
    file.settles(2)
    assert is_alive(pid) and is_alive(zygote)
    file.go.touch()
    assert dict(partner.end_of(token).xcoms)["return_value"] == 1
    assert is_alive(os.getpid())
    partner.until(lambda: not is_alive(zygote) or partner.listen())


def test_the_attempt_tells_what_it_really_runs(file: File) -> None:
    partner = file.partner
    helper = file.folder / "a_helper.py"
    helper.write_text("VALUE = 1\n")
    file.write("import a_helper", "a_helper.VALUE")
    file.warm_up(1)
    helper.write_text("VALUE = 22\n")
    token = partner.dispatch(file.path, "look", "as it was ordered")
    partner.end_of(token)
    source = partner.of(CodeLoaded, token)[0].source
    assert source.text == file.path.read_text()
    fingerprint = of_content(b"VALUE = 22\n")
    assert (fingerprint, "VALUE = 22\n") in source.modules
    assert fingerprint in {item.fingerprint for item in source.inputs}
    exact = partner.dispatch(file.path, "look", source.code_hash)
    partner.end_of(exact)
    assert partner.of(CodeLoaded, exact) == [], "nothing to tell"


def test_a_task_that_is_no_more_or_a_file_that_is_broken(file: File) -> None:
    partner = file.partner
    file.write("", "1")
    file.warm_up(1)
    text = file.path.read_text()
    for changed, reason in (
        (text.replace("def look", "def other").replace("look()", "other()"),
         "/d.py:9: DAG 'd' has no task 'look' any more"),
        (text.replace('DAG("d"', 'DAG("e"'), "/d.py:1: there is no DAG 'd' any more"),
        (text.replace("LOADED_BY =", "1 / 0; LOADED_BY ="), "/d.py:7: ZeroDivisionError: division"),
        ("import not_there\n" + text, "/d.py:1: No module named 'not_there'"),
        ("def\n" + text, "/d.py:1: SyntaxError: invalid syntax"),
    ):  # fmt: skip
        file.path.write_text(changed)
        for _ in range(2):
            outcome = partner.run(file.path, "look", "as it was ordered")
            assert outcome.result is Result.FAILED
            assert outcome.reason is not None and reason in outcome.reason
    file.path.unlink()
    outcome = partner.run(file.path, "look", "as it was ordered")
    assert outcome.reason is not None and "/d.py: FileNotFoundError" in outcome.reason


def test_workers_that_make_many_tasks(tmp_path: Path) -> None:
    partner = Partner(make_settings(tmp_path, isolation="reuse"))
    partner.start()
    file = File(partner, tmp_path)
    helper = file.folder / "a_helper.py"
    helper.write_text("VALUE = 1\n")
    partner.answers["GetVariable"] = "a"
    file.write("import a_helper\nVAR = Variable.get('v')", "f'{a_helper.VALUE}{VAR}'")
    file.warm_up("1a")
    helper.write_text("VALUE = 2\n")
    file.settles("2a")
    partner.answers["GetVariable"] = "b"
    partner.executor.answers_changed()
    file.settles("2b")
    partner.stop()
