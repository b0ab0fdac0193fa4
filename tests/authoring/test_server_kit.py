"""What provider packages build on of Airflow's own processes: it works, or says what to do instead."""

import argparse
import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.tokens import JWTGenerator
from airflow.api_fastapi.common.router import AirflowRouter
from airflow.api_fastapi.common.types import MenuItem
from airflow.api_fastapi.core_api.base import StrictBaseModel
from airflow.api_fastapi.core_api.openapi.exceptions import create_openapi_http_exception_doc
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.cli.cli_config import (
    ARG_OUTPUT,
    ActionCommand,
    Arg,
    GroupCommand,
    lazy_load_command,
    positive_int,
)
from airflow.cli.cli_parser import DefaultHelpParser, _add_command
from airflow.cli.commands.daemon_utils import run_command_with_daemon_option
from airflow.cli.simple_table import AirflowConsole
from airflow.configuration import conf
from airflow.dag_processing.bundles.base import BaseDagBundle, BundleVersion
from airflow.executors import workloads
from airflow.executors.base_executor import BaseExecutor
from airflow.executors.executor_loader import ExecutorLoader
from airflow.models.base import Base, StringID
from airflow.sdk import get_parsing_context
from airflow.sdk.definitions._internal.dag_parsing_context import _airflow_parsing_context_manager
from airflow.utils.cli import suppress_logs_and_warning
from airflow.utils.db import DBLocks, create_global_lock
from airflow.utils.db_manager import BaseDBManager
from airflow.utils.log.file_task_handler import FileTaskHandler, StructuredLogMessage
from airflow.utils.log.json_formatter import JSONFormatter
from airflow.utils.log.logging_mixin import ExternalLoggingMixin, remove_escape_codes
from airflow.utils.sqlalchemy import UtcDateTime
from tradewind.authoring.server_kit.refusals import NotHere
from tradewind.model.states import TaskState

NOT_HERE = "cannot be used with Tradewind: "


def parser(*commands: Any) -> argparse.ArgumentParser:
    made = DefaultHelpParser(prog="airflow")
    below = made.add_subparsers(required=True)
    for command in commands:
        _add_command(below, command)
    return made


class TestCommands:
    def test_a_group_becomes_a_parser_of_its_commands(self) -> None:
        command = ActionCommand(
            "worker",
            "Start a worker",
            lazy_load_command("builtins.vars"),
            (Arg(("-q", "--queues"), help="Which"), ARG_OUTPUT, Arg(("name",))),
        )
        asked = parser(GroupCommand("celery", "Workers", (command,))).parse_args(
            ["celery", "worker", "one", "-q", "fast"]
        )
        assert (asked.name, asked.queues, asked.output) == ("one", "fast", "table")
        assert asked.func is command.func
        assert asked.func(asked)["name"] == "one"

    def test_wrong_use_shows_the_help_and_exits_with_2(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command = ActionCommand(
            "one", "The one", print, (Arg(("--count",), type=positive_int(allow_zero=False)),)
        )
        with pytest.raises(SystemExit) as ended:
            parser(command).parse_args(["one", "--count", "0"])
        assert ended.value.code == 2
        shown = capsys.readouterr()
        assert "--count COUNT" in shown.out
        assert "invalid positive int value: '0'" in shown.err

    def test_a_folder_must_be_there(self, tmp_path: Path) -> None:
        command = ActionCommand("one", "The one", print, (Arg(("--to",), metavar="DIRPATH"),))
        assert parser(command).parse_args(["one", "--to", str(tmp_path)]).to == str(tmp_path)
        with pytest.raises(SystemExit):
            parser(command).parse_args(["one", "--to", str(tmp_path / "none")])

    def test_a_command_runs_in_this_process_and_not_as_a_daemon(self) -> None:
        done: list[str] = []
        args = argparse.Namespace(daemon=False)
        run_command_with_daemon_option(
            args=args, process_name="worker", callback=lambda: done.append("it")
        )
        assert done == ["it"]
        args.daemon = True
        with pytest.raises(NotHere, match="leave it out"):
            run_command_with_daemon_option(args=args, process_name="worker", callback=print)

    def test_a_quiet_command_logs_nothing_unless_it_is_verbose(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        @suppress_logs_and_warning
        def command(args: argparse.Namespace) -> str:
            logging.getLogger("some").warning("said %s", args.verbose)
            return "done"

        assert command(argparse.Namespace(verbose=False)) == "done"
        assert command(argparse.Namespace(verbose=True)) == "done"
        assert caplog.messages == ["said True"]

    def test_the_console_prints_rows_in_four_forms(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = [{"name": "a", "of": ["x", "y"]}]
        shown = {}
        for form in ("table", "json", "yaml", "plain"):
            AirflowConsole().print_as(rows, form)
            shown[form] = capsys.readouterr().out
        assert json.loads(shown["json"]) == rows
        assert shown["yaml"].split() == ["-", "name:", "a", "of:", "-", "x", "-", "y"]
        assert [line.split() for line in shown["plain"].splitlines()] == [
            ["name", "of"],
            ["a", "['x',", "'y']"],
        ]
        assert "x,y" in shown["table"]
        AirflowConsole().print_as([], "table")
        assert "No data found" in capsys.readouterr().out
        with pytest.raises(ValueError, match="Unknown formatter: xml"):
            AirflowConsole().print_as(rows, "xml")
        with pytest.raises(ValueError, match="mapper"):
            AirflowConsole().print_as(["text"], "json")


class TestExecutors:
    def test_an_executor_of_a_package_loads_and_says_what_to_use_instead(self) -> None:
        class Remote(BaseExecutor):
            serve_logs = True

        assert not Remote.is_local
        assert Remote.get_cli_commands() == []
        with pytest.raises(NotHere, match=r"Remote cannot .* core\.executor to LocalExecutor or"):
            Remote(parallelism=4)

    def test_the_loader_names_the_configured_executor_and_makes_none(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TRADEWIND__CORE__EXECUTOR", "LocalExecutor")
        name = ExecutorLoader.get_default_executor_name()
        assert (name.alias, name.module_path.rpartition(".")[2]) == ("LocalExecutor",) * 2
        with pytest.raises(NotHere):
            ExecutorLoader.get_default_executor()

    def test_workloads_go_through_json(self) -> None:
        some = UUID(int=1)
        said = workloads.ExecuteTask(
            token="t",
            dag_rel_path=Path("d.py"),
            bundle_info=workloads.BundleInfo(name="dags"),
            log_path=None,
            ti=workloads.TaskInstanceDTO(
                id=some,
                dag_version_id=some,
                task_id="t",
                dag_id="d",
                run_id="r",
                try_number=2,
                pool_slots=1,
                queue="default",
                priority_weight=1,
            ),
        )
        again = workloads.ExecuteTask.model_validate_json(said.model_dump_json())
        assert again == said
        assert again.ti.key == ("d", "t", "r", 2, -1)
        assert (again.type, again.failure_state) == ("ExecuteTask", TaskState.FAILED)


class Named(BaseUser):
    def __init__(self, name: str) -> None:
        self.name = name

    def get_id(self) -> str:
        return self.name

    def get_name(self) -> str:
        return self.name


def manager(**answers: Any) -> Any:
    """An auth manager that says no, but for `answers`."""
    body = {name: lambda *_, **__: False for name in BaseAuthManager.__abstractmethods__}
    return type("Manager", (BaseAuthManager,), {**body, **answers})()


class TestAuthManagers:
    def test_one_without_answers_cannot_be_made(self) -> None:
        with pytest.raises(TypeError, match="is_authorized_dag"):
            BaseAuthManager()  # type: ignore[abstract]

    def test_many_questions_are_asked_one_by_one_unless_a_class_knows_better(self) -> None:
        one = manager(is_authorized_dag=lambda *_, details, **__: details.id.startswith("open"))
        user = Named("ann")
        assert one.filter_authorized_dag_ids(dag_ids={"open1", "shut"}, user=user) == {"open1"}
        ask = [{"method": "GET", "details": SimpleNamespace(id=name)} for name in ("open1", "shut")]
        assert one.batch_is_authorized_dag(ask[:1], user=user)
        assert not one.batch_is_authorized_dag(ask, user=user)
        assert one.filter_authorized_pools(pool_names={"p"}, user=user) == set()
        assert one.is_authorized_hitl_task(assigned_users={"ann"}, user=user)

    def test_the_menu_is_what_it_lets_through(self) -> None:
        one = manager(filter_authorized_menu_items=lambda _, items, user: items[:2])
        assert one.get_authorized_menu_items(user=Named("ann")) == list(MenuItem)[:2]

    def test_who_wants_the_servers_is_told_that_there_is_none(self) -> None:
        for use in (get_auth_manager, JWTGenerator, lambda: manager().generate_jwt(Named("ann"))):
            with pytest.raises(NotHere, match="runs no code of provider packages"):
                use()


class TestRoutes:
    def test_routes_are_declared_and_what_asks_for_the_user_refuses(self) -> None:
        router = AirflowRouter(prefix="/edge")
        check = requires_access_dag("GET")

        @router.get("/jobs", responses=create_openapi_http_exception_doc([404, (409, "Is there")]))
        def jobs(user: GetUserDep) -> list[str]:
            return [user.get_id()]

        (route,) = router.routes
        assert route.operation_id == "jobs"  # type: ignore[attr-defined]
        assert list(route.responses) == [404, 409]  # type: ignore[attr-defined]
        with pytest.raises(NotHere):
            check()

    def test_strict_models_take_no_other_fields(self) -> None:
        class Body(StrictBaseModel):
            name: str

        assert Body.model_validate(SimpleNamespace(name="x")).name == "x"
        with pytest.raises(ValueError, match="extra"):
            Body(name="x", other=1)  # type: ignore[call-arg]


class TestTables:
    def test_tables_can_be_declared_and_used_in_a_database_of_ones_own(self) -> None:
        class Shift(Base):  # type: ignore[misc]
            __tablename__ = "test_shift"
            name: Mapped[str] = mapped_column(StringID(), primary_key=True)
            begins: Mapped[datetime] = mapped_column(UtcDateTime)

        engine = create_engine("sqlite://")
        Shift.__table__.create(engine)
        paris = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))
        with Session(engine) as session:
            session.add(Shift(name="late", begins=paris))
            session.commit()
            assert session.scalar(select(Shift.begins)) == datetime(2026, 1, 1, 11, tzinfo=UTC)
            session.add(Shift(name="bad", begins=datetime(2026, 1, 1)))
            with pytest.raises(Exception, match="naive datetime is disallowed"):
                session.commit()
        engine.dispose()
        Base.metadata.remove(Shift.__table__)

    def test_nothing_of_it_reaches_the_database(self) -> None:
        assert str(DBLocks.MIGRATIONS) == "airflow_MIGRATIONS"
        assert conf.get("database", "SQL_ALCHEMY_CONN") == "airflow-db-not-allowed:///"
        with pytest.raises(NotHere, match="no place in its database"), create_global_lock():
            pass
        with pytest.raises(NotHere, match="no place in its database"):
            BaseDBManager(None)


class TestBundles:
    def test_a_bundle_has_its_folders_its_lock_and_its_version(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH", str(tmp_path))

        class Folder(BaseDagBundle):
            supports_versioning = True

            @property
            def path(self) -> Path:
                return self.base_dir

            def get_current_version(self) -> BundleVersion:
                return BundleVersion("v1")

            def refresh(self) -> None:
                self.base_dir.mkdir(exist_ok=True)

        one = Folder(name="mine", view_url_template="https://example.com/{version}")
        assert one.versions_dir == tmp_path / "mine" / "versions"
        one.initialize()
        assert one.is_initialized
        assert "there is no folder" in caplog.text
        with one.lock(), one.lock():
            held = subprocess.run(
                [sys.executable, "-c", TRY_LOCK, str(tmp_path / "_locks" / "mine.lock")],
                check=False,
            )
        assert held.returncode == 1
        assert one.view_url_template() == "https://example.com/{version}"
        with pytest.warns(DeprecationWarning, match="view_url_template"):
            one.view_url()


TRY_LOCK = """
import fcntl, sys
try:
    fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(1)
"""


class TestLogs:
    def test_a_handler_writes_the_log_of_a_try(self, tmp_path: Path) -> None:
        handler = FileTaskHandler(str(tmp_path))
        handler.setFormatter(
            JSONFormatter(json_fields=["message", "levelname"], extras={"host": "here"})
        )
        ti = SimpleNamespace(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=3)
        handler.set_context(ti)
        record = logging.LogRecord("x", logging.INFO, "x.py", 1, "said %s", ("it",), None)
        handler.emit(record)
        handler.close()
        (written,) = tmp_path.rglob("*.log")
        assert written.name == "attempt=3.log"
        assert json.loads(written.read_text()) == {
            "message": "said it",
            "levelname": "INFO",
            "host": "here",
        }
        assert handler.add_triggerer_suffix("a.log", 7) == "a.log.trigger.7.log"
        with pytest.raises(NotHere, match="tasks logs"):
            handler.read(ti)

    def test_an_exception_stands_in_the_message(self) -> None:
        try:
            raise KeyError("gone")
        except KeyError:
            record = logging.LogRecord("x", logging.ERROR, "", 1, "bad", (), sys.exc_info())
        said = json.loads(JSONFormatter(json_fields=["message"]).format(record))["message"]
        assert said.startswith("bad\nTraceback")
        assert said.endswith("KeyError: 'gone'")

    def test_lines_are_ordered_by_their_time(self) -> None:
        late = StructuredLogMessage(event="b", timestamp=datetime(2026, 1, 1, tzinfo=UTC), x=1)  # type: ignore[call-arg]
        assert sorted([late, StructuredLogMessage(event="a")])[0].event == "a"
        assert late.model_dump()["x"] == 1

    def test_colours_are_taken_out(self) -> None:
        assert remove_escape_codes("\x1b[31mred\x1b[0m") == "red"
        with pytest.raises(TypeError):
            ExternalLoggingMixin()  # type: ignore[abstract]


def test_who_loads_a_file_for_one_task_says_so() -> None:
    with _airflow_parsing_context_manager("d", "t"):
        assert get_parsing_context() == ("d", "t")
    assert get_parsing_context() == (None, None)
