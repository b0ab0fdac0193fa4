"""What the dag-processor keeps, on both engines."""

import pytest

from tests.conformance.storage.builders import LATER, a_file, a_plan, record, rows
from tradewind.model.errors import NotFound
from tradewind.model.plan import ScheduleSpec
from tradewind.storage import dags, sources, tables
from tradewind.storage.database import Database


def test_a_new_dag_has_version_1(database: Database) -> None:
    plan = a_plan(
        schedule=ScheduleSpec("cron_trigger", {"cron": "0 0 * * *"}, "0 0 * * *", "At 00:00"),
        tags=("b", "a"),
        owners=("alice",),
        description="Sales",
        params={"z": {"value": 1}, "a": {"value": None}},
    )
    with database.write() as conn:
        assert record(conn, a_file(plan)) == ["sales"]
        (found,) = dags.snapshots(conn)
        assert found.plan == plan
        assert list(found.plan.params) == ["z", "a"]
        assert (found.version, found.code_hash, found.is_paused) == (1, "code-1", True)
        assert (found.fileloc, found.relative_fileloc) == ("/dags/sales.py", "sales.py")
        assert (found.last_automated, found.last_run_after) == (None, None)
        assert dags.heads(conn) == {"sales": (1, "code-1", "/dags/sales.py", True, False)}
        assert dags.tags(conn, ["sales"]) == {"sales": {"a", "b"}}
        assert sources.get(conn, "code-1") == "# sales"
    (row,) = rows(database, tables.dag)
    assert (row.timetable_summary, row.owners, row.display_name) == (
        "0 0 * * *",
        ["alice"],
        "sales",
    )


def test_the_same_plan_makes_no_new_version(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
        assert record(conn, a_file(a_plan())) == []
        assert record(conn, a_file(a_plan(), code_hash="code-2")) == ["sales"]
        assert dags.heads(conn)["sales"] == (1, "code-2", "/dags/sales.py", True, False)
        assert sources.get(conn, "code-2") is not None


def test_another_plan_is_the_next_version_and_the_old_one_stays(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
        assert record(conn, a_file(a_plan(task_ids="abc"))) == ["sales"]
        assert dags.heads(conn)["sales"].version == 2
        assert dags.plan(conn, "sales", 1) == a_plan()
        assert dags.plan(conn, "sales") == a_plan(task_ids="abc")
        with pytest.raises(NotFound, match="version 3 of DAG 'sales'"):
            dags.plan(conn, "sales", 3)


@pytest.mark.parametrize(
    ("by_dag", "by_setting", "expected"),
    [(None, True, True), (None, False, False), (False, True, False), (True, False, True)],
)
def test_a_new_dag_starts_paused_if_it_or_the_settings_say_so(
    database: Database, by_dag: bool | None, by_setting: bool, expected: bool
) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan(is_paused_upon_creation=by_dag)), paused=by_setting)
        assert dags.heads(conn)["sales"].is_paused is expected


def test_reading_a_file_again_leaves_its_dags_paused_or_not(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
        dags.set_paused(conn, "sales", False)
        record(conn, a_file(a_plan(task_ids="c")))
        assert not dags.heads(conn)["sales"].is_paused
        with pytest.raises(NotFound, match="no DAG 'nope'"):
            dags.set_paused(conn, "nope", True)


def test_a_dag_that_left_its_file_is_stale_until_it_is_back(database: Database) -> None:
    with database.write() as conn:
        assert record(conn, a_file(a_plan("one"), a_plan("two"))) == ["one", "two"]
        assert record(conn, a_file(a_plan("two"))) == ["one"]
        assert dags.heads(conn)["one"].is_stale
        assert record(conn, a_file(a_plan("two"))) == []
        assert record(conn, a_file(a_plan("one"), a_plan("two"))) == ["one"]
        assert not dags.heads(conn)["one"].is_stale


def test_a_dag_may_move_to_another_file(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan(), path="/dags/old.py"))
        assert record(conn, a_file(a_plan(), path="/dags/new.py")) == ["sales"]
        assert record(conn, a_file(path="/dags/old.py", code_hash="code-2")) == []
        (found,) = dags.snapshots(conn)
        assert (found.fileloc, found.is_stale) == ("/dags/new.py", False)
        assert dags.forget_files(conn, ["/dags/new.py"], LATER) == []


def test_of_two_files_with_one_dag_id_the_last_read_wins(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan(), path="/dags/one.py"))
        record(conn, a_file(a_plan(task_ids="xyz"), path="/dags/two.py", code_hash="code-2"))
        (found,) = dags.snapshots(conn)
        assert (found.fileloc, found.version) == ("/dags/two.py", 2)


def test_a_broken_file_leaves_its_dags_as_they_were(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan()))
        broken = a_file(error="SyntaxError: line 3\0", code_hash="code-2")
        assert record(conn, broken) == []
        assert record(conn, broken) == []
        assert dags.heads(conn)["sales"] == (1, "code-1", "/dags/sales.py", True, False)
    (error,) = rows(database, tables.import_error)
    assert (error.filename, error.stack_trace) == ("/dags/sales.py", "SyntaxError: line 3\\x00")
    assert rows(database, tables.dag)[0].has_import_errors
    with database.write() as conn:
        assert record(conn, a_file(a_plan())) == []
    assert rows(database, tables.import_error) == []
    assert not rows(database, tables.dag)[0].has_import_errors


def test_files_that_are_gone_are_forgotten(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan("one"), path="/dags/one.py"))
        record(conn, a_file(a_plan("two"), path="/dags/two.py"))
        record(conn, a_file(path="/dags/bad.py", error="boom"))
        assert dags.forget_files(conn, ["/dags/two.py"], LATER) == ["one"]
        assert dags.forget_files(conn, ["/dags/two.py"], LATER) == []
        assert {dag_id: head.is_stale for dag_id, head in dags.heads(conn).items()} == {
            "one": True,
            "two": False,
        }
    assert rows(database, tables.import_error) == []


def test_tags_follow_the_file(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan(tags=("a", "b"))))
        record(conn, a_file(a_plan(tags=("b", "c"))))
        assert dags.tags(conn, ["sales"]) == {"sales": {"b", "c"}}
        record(conn, a_file(a_plan()))
        assert dags.tags(conn, ["sales"]) == {}


def test_only_the_named_dags_are_read(database: Database) -> None:
    with database.write() as conn:
        record(conn, a_file(a_plan("one"), a_plan("two")))
        assert [found.plan.dag_id for found in dags.snapshots(conn, ["two"])] == ["two"]
        assert dags.snapshots(conn, []) == []
