"""Reading DAG files through the real fork server, good ones and every kind of bad one."""

import os
import re
import select
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.loading.conftest import NewParser, Write
from tests.patience import PATIENCE_S
from tradewind.config.settings import Settings
from tradewind.loading.parser import Parser
from tradewind.model.errors import NotFound
from tradewind.model.parsed import ParsedFile
from tradewind.model.requests import GetVariable


def error_of(parsed: ParsedFile) -> str:
    assert parsed.error is not None
    assert parsed.plans == ()
    return parsed.error


def test_a_good_file_gives_its_plans(parser: Parser, write: Write) -> None:
    path = write("team/good.py")

    parsed = parser.parse(path)

    assert parsed.error is None
    (plan,) = parsed.plans
    assert plan.dag_id == "good"
    assert [task.task_id for task in plan.tasks] == ["first", "second"]
    assert parsed.fileloc == str(path)
    assert parsed.relative_fileloc == "team/good.py"
    assert parsed.source_code == path.read_text()
    assert len(parsed.code_hash) == 64
    assert parsed.inputs[0].name == str(path)
    assert 0 < parsed.duration_s < 600


def test_many_files_are_read_at_once(parser: Parser, write: Write) -> None:
    paths = [write(f"d{number}.py") for number in range(30)]
    parsed = {item.fileloc: item.plans[0].dag_id for item in parser.parse_all(paths)}
    assert parsed == {str(path): path.stem for path in paths}
    assert parser.under_way == set()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (\n", r"bad\.py:1: SyntaxError: '\(' was never closed"),
        ("\n1 / 0\n", r"bad\.py:2: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", r"bad\.py.*sys\.exit\(3\)"),
        ("raise KeyboardInterrupt\n", r"bad\.py:1: KeyboardInterrupt"),
        ("import os\nos._exit(3)\n", r"bad\.py: the file ended its process with exit code 3"),
        (
            "import ctypes\n\nctypes.string_at(0)\n",
            r"bad\.py:3: the file crashed the Python interpreter \(SIGSEGV\)",
        ),
        (
            "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
            r"bad\.py: the file crashed the Python interpreter \(SIGKILL, perhaps because memory",
        ),
        ("import no_such_module_there\n", r"bad\.py:1: No module named 'no_such_module_there'"),
    ],
)
def test_a_bad_file_is_one_clear_message(
    parser: Parser, write: Write, text: str, message: str
) -> None:
    bad, good = write("bad.py", text), write("good.py")

    parsed = {Path(item.fileloc).name: item for item in parser.parse_all([bad, good])}

    first_line = error_of(parsed["bad.py"]).splitlines()[0]
    assert re.search(message, first_line), first_line
    assert parsed["bad.py"].source_code == text
    assert parsed["good.py"].error is None


def test_a_file_that_never_ends_is_stopped_and_told_where(
    new_parser: NewParser, write: Write
) -> None:
    path = write("loops.py", "x = 1\nwhile True:\n    x += 1\n")
    where = (
        r"loops\.py:[23]: reading the file took longer than [\d.]+ s \(core\.dagbag_import_timeo"
    )

    for limit_s in (0.5, 4, 32):  # a busy machine may not have come to the loop so soon
        error = error_of(new_parser(dagbag_import_timeout=limit_s).parse(path))
        if re.search(where, error.splitlines()[0]):
            break

    assert re.search(where, error.splitlines()[0])
    assert "tradewind/loading" not in error


def test_a_file_that_will_not_be_stopped_is_killed(new_parser: NewParser, write: Write) -> None:
    parser = new_parser(dagbag_import_timeout=0.5)
    path = write(
        "stubborn.py",
        """
        import signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGABRT):
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass
        """,
    )
    assert "took longer than 0.5 s" in error_of(parser.parse(path))


def test_a_file_that_eats_memory_is_stopped(new_parser: NewParser, write: Write) -> None:
    parser = new_parser(dag_file_memory_limit=64)
    path = write("eats.py", "x = []\nwhile True:\n    x.append(bytearray(1 << 20))\n")
    error = error_of(parser.parse(path))
    assert "needs more memory than 64 MiB (core.dag_file_memory_limit)" in error.splitlines()[0]


def test_slow_files_do_not_hold_up_the_others(new_parser: NewParser, write: Write) -> None:
    parser = new_parser(dagbag_import_timeout=600)
    slow = [write(f"slow{i}.py", "import time\ntime.sleep(600)\n") for i in range(3)]
    for path in slow:
        parser.submit(path)
    good = write("good.py")
    parser.submit(good)

    parsed: list[ParsedFile] = []
    until = time.monotonic() + PATIENCE_S
    while not parsed and time.monotonic() < until:
        parsed = parser.receive(1)

    assert [item.fileloc for item in parsed] == [str(good)]
    assert parser.under_way == set(slow)


def test_a_file_saved_while_it_is_read_is_read_anew(parser: Parser, write: Write) -> None:
    path = write("a.py", "import time\ntime.sleep(600)\n")
    parser.submit(path)
    parser.receive(0.2)
    write("a.py")
    assert parser.parse(path).plans[0].dag_id == "a"


def test_what_a_file_prints_does_not_disturb(
    parser: Parser, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    noise = (
        "import os, sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\n"
        "os.write(1, b'raw\\n')\nos.system('echo from a child; cat')\n"
    )
    path = write("noisy.py", noise + "for _ in range(10000):\n    print('x' * 100)\n")
    assert parser.parse(path).error is None

    path = write("noisy.py", noise)
    assert parser.parse(path).error is None
    for line in ("to stdout", "to stderr", "raw", "from a child"):
        assert line in caplog.text


def test_what_a_file_starts_is_gone_with_it(parser: Parser, write: Write, tmp_path: Path) -> None:
    path = write(
        "starts.py",
        f"""
        import os, subprocess, sys
        child = subprocess.Popen(["sleep", "600"])
        open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
        if os.fork() == 0:
            sys.exit()
        """,
    )
    parsed = parser.parse(path)
    assert parsed.error is None
    assert parsed.unwatchable
    wait_until_gone(int((tmp_path / "pid").read_text()))


def wait_until_gone(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], PATIENCE_S)[0], f"process {pid} is still there"
    finally:
        os.close(handle)


def test_questions_are_answered_by_the_caller(new_parser: NewParser, write: Write) -> None:
    asked: list[Any] = []

    def answer(request: Any) -> str:
        asked.append(request)
        return "from_variable"

    parser = new_parser(answer=answer)
    path = write(
        "asks.py",
        """
        from tradewind import DAG, Variable
        dag = DAG(Variable.get("name"), schedule=None)
        """,
    )

    parsed = parser.parse(path)

    assert [plan.dag_id for plan in parsed.plans] == ["from_variable"]
    assert asked == [GetVariable(key="name")]
    assert ("variable", "name") in {(item.kind, item.name) for item in parsed.inputs}


def test_a_question_that_cannot_be_answered_is_the_files_error(
    new_parser: NewParser, write: Write
) -> None:
    def answer(request: Any) -> None:
        raise NotFound("the store is closed")

    parser = new_parser(answer=answer)
    path = write("asks.py", "from tradewind import Variable\nVariable.get('name')\n")
    error = error_of(parser.parse(path))
    assert "the store is closed" in error.splitlines()[0]
    assert "asks.py:2" in error.splitlines()[0]


def test_a_broken_file_still_tells_what_it_asked_for(new_parser: NewParser, write: Write) -> None:
    parser = new_parser(answer=lambda _: "x")
    path = write("asks.py", "from tradewind import Variable\nint(Variable.get('name'))\n")
    parsed = parser.parse(path)
    error_of(parsed)
    found = {(item.kind, item.name) for item in parsed.inputs}
    assert found >= {("variable", "name"), ("file", str(path))}


def test_user_code_sees_no_secrets(
    write: Write, new_parser: NewParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEWIND__DATABASE__URL", "postgresql://u:hunter2@h/d")
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "hunter2")
    monkeypatch.setenv("PLAIN", "seen")
    path = write(
        "env.py",
        """
        import os, sys
        from tradewind import DAG
        found = [name for name, value in os.environ.items() if "hunter2" in value]
        loaded = [name for name in ("sqlalchemy", "tradewind.storage") if name in sys.modules]
        dag = DAG("_".join([os.environ["PLAIN"], *found, *loaded]), schedule=None)
        """,
    )
    assert new_parser().parse(path).plans[0].dag_id == "seen"


def test_processes_say_what_they_are(parser: Parser, write: Write) -> None:
    path = write(
        "title.py",
        """
        from tradewind import DAG
        mine = open("/proc/self/cmdline").read().strip("\\0")
        theirs = open(f"/proc/{__import__('os').getppid()}/cmdline").read().strip("\\0")
        dag = DAG("d", schedule=None, description=f"{mine}, {theirs}")
        """,
    )
    described = parser.parse(path).plans[0].description
    assert described == f"tradewind: parse {path}, tradewind: parse server"


def test_files_are_read_again_when_the_server_dies(new_parser: NewParser, write: Write) -> None:
    parser = new_parser()
    paths = [write(f"d{number}.py") for number in range(3)]
    slow = write("slow.py", "import time\ntime.sleep(0.3)\n")
    for path in (slow, *paths):
        parser.submit(path)
    assert parser.server_pid is not None
    os.kill(parser.server_pid, signal.SIGKILL)

    found: list[ParsedFile] = []
    while parser.under_way:
        found += parser.receive(10)

    assert sorted(item.fileloc for item in found) == sorted(map(str, [slow, *paths]))
    assert all(item.error is None for item in found)


def test_a_file_that_kills_the_server_is_given_up(new_parser: NewParser, write: Write) -> None:
    parser = new_parser()
    path = write("kills.py", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
    assert "the parse server ended 3 times" in error_of(parser.parse(path))
    assert parser.parse(write("good.py")).error is None


def test_a_resting_parser_has_no_server_until_the_next_file(
    new_parser: NewParser, write: Write
) -> None:
    parser = new_parser()
    slow = write("slow.py", "import time\ntime.sleep(0.3)\n")
    parser.submit(slow)
    parser.rest()
    assert parser.server_pid is not None, "a file is under way"
    while parser.under_way:
        parser.receive(10)
    server = parser.server_pid
    parser.rest()
    parser.rest()
    wait_until_gone(server)
    assert parser.server_pid is None
    assert parser.parse(write("good.py")).error is None
    parser.rest()
    parser.close()


def test_closing_ends_everything_at_once(new_parser: NewParser, write: Write) -> None:
    parser = new_parser()
    path = write("slow.py", "import time\ntime.sleep(600)\n")
    parser.submit(path)
    parser.receive(0.5)
    server = parser.server_pid
    assert server is not None
    parser.close()
    wait_until_gone(server)


def test_a_weight_strategy_named_by_its_path_is_read_with_the_file(
    parser: Parser, write: Write, settings: Settings
) -> None:
    settings.core.plugins_folder.mkdir(exist_ok=True)
    rules = settings.core.plugins_folder / "weight_rules.py"
    rules.write_text(
        "from tradewind.authoring.priority_strategy import PriorityWeightStrategy\n\n\n"
        "class Decreasing(PriorityWeightStrategy):\n"
        "    def get_weight(self, ti):\n"
        "        return max(4 - ti.try_number, 1)\n"
    )
    path = write(
        "weighed.py",
        "from tradewind import DAG, BaseOperator\n"
        "with DAG('weighed'):\n"
        "    BaseOperator(task_id='t', weight_rule='weight_rules.Decreasing')\n",
    )
    (parsed,) = parser.parse_all([path])
    assert parsed.error is None
    (task,) = parsed.plans[0].tasks
    assert (task.priority_weight, task.retry_weights) == (4, (3, 2, 1))
    assert str(rules) in {one.name for one in parsed.inputs}, "an edit of it reads the file again"


def test_helpers_beside_the_file_and_in_plugins_are_importable(
    parser: Parser, write: Write, settings: Settings
) -> None:
    settings.core.plugins_folder.mkdir(exist_ok=True)
    (settings.core.plugins_folder / "shared_tools.py").write_text("NAME = 'plugged'")
    write("helper_here.py", "NAME = 'd'")
    path = write(
        "uses.py",
        """
        from tradewind import DAG
        import helper_here, shared_tools
        dag = DAG(f"{helper_here.NAME}_{shared_tools.NAME}", schedule=None)
        """,
    )
    parsed = parser.parse(path)
    assert parsed.error is None
    assert parsed.plans[0].dag_id == "d_plugged"
    assert {Path(item.name).name for item in parsed.inputs if item.kind == "file"} >= {
        "uses.py",
        "helper_here.py",
        "shared_tools.py",
    }


def test_text_that_cannot_be_stored_is_escaped(parser: Parser, write: Write) -> None:
    head = "from tradewind import DAG, BaseOperator\n"
    odd = r'doc_md="a\ud800b", description="c\0d", tags=["t\ud800"], params={"p": "\0"}'
    path = write("odd.py", f"{head}with DAG('odd', schedule=None, {odd}):\n    pass\n")
    (plan,) = parser.parse(path).plans
    assert plan.doc_md == r"a\ud800b"
    assert plan.description == r"c\x00d"
    assert plan.tags == (r"t\ud800",)
    assert plan.params["p"]["value"] == r"\x00"

    path = write("odd_error.py", f"{head}raise ValueError('x\\ud800 \\0')\n")
    assert r"ValueError: x\ud800 \x00" in error_of(parser.parse(path))

    path = write("odd_source.py", f"{head}# \0\n")
    parsed = parser.parse(path)
    assert parsed.error is not None
    assert parsed.source_code == f"{head}# \\x00\n"


def test_a_file_that_writes_into_what_it_did_not_open_harms_itself_alone(
    parser: Parser, write: Write
) -> None:
    path = write(
        "garbage.py",
        """
        import os
        from tradewind import DAG

        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"\\0\\0\\0\\4oops")
            except OSError:
                pass
        """,
    )
    assert error_of(parser.parse(path)).startswith(str(path))
    assert parser.parse(write("after.py")).error is None
