"""Questions to authors' timetables, on both engines."""

from datetime import UTC, datetime

from tests.conformance.storage.builders import a_file, a_plan, record
from tradewind.model.changes import TimetableAsked, TimetableTold
from tradewind.model.intervals import DataInterval
from tradewind.model.timetable_questions import TimetableQuestion
from tradewind.storage import commit, timetable_questions
from tradewind.storage.database import Database

NOW = datetime(2024, 5, 1, tzinfo=UTC)
FIRST = TimetableQuestion(earliest=NOW)
SECOND = TimetableQuestion(last=DataInterval(NOW, NOW), catchup=False)
MANUAL = TimetableQuestion(manual_for=NOW)


def test_they_are_kept_until_they_are_answered(database: Database) -> None:
    with database.write() as conn:
        for name in ("a", "b"):
            record(conn, a_file(a_plan(name), path=f"/dags/{name}.py"))
        commit.write(
            conn,
            [TimetableAsked("a", FIRST), TimetableAsked("a", MANUAL), TimetableAsked("b", SECOND)],
            NOW,
        )
        assert set(timetable_questions.of_dags(conn, ["a", "b"])) == {
            ("a", FIRST),
            ("a", MANUAL),
            ("b", SECOND),
        }
        assert timetable_questions.of_file(conn, "/dags/b.py") == [("b", SECOND)]
        assert timetable_questions.files(conn) == {"/dags/a.py", "/dags/b.py"}
        commit.write(conn, [TimetableTold("a", FIRST), TimetableTold("b", SECOND)], NOW)
        assert timetable_questions.of_dags(conn, ["a", "b"]) == [("a", MANUAL)]


def test_the_last_word_of_a_turn_counts(database: Database) -> None:
    with database.write() as conn:
        commit.write(conn, [TimetableTold("a", FIRST), TimetableAsked("a", FIRST)], NOW)
        assert timetable_questions.of_dags(conn, ["a"]) == [("a", FIRST)]
        commit.write(conn, [TimetableAsked("a", FIRST), TimetableTold("a", FIRST)], NOW)
        assert timetable_questions.of_dags(conn, ["a"]) == []
