"""Timetables of authors' own: core asks, and what waits for the answer goes on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.core.world import NOON, World, dag, task
from tradewind.model import changes as c
from tradewind.model.commands import CreateBackfill, TimetableSaid, TriggerRun
from tradewind.model.events import CommandGiven
from tradewind.model.intervals import DataInterval, RunInfo
from tradewind.model.plan import ScheduleSpec
from tradewind.model.snapshots import DagSnapshot
from tradewind.model.timetable_questions import TimetableAnswer, TimetableQuestion

OWN = ScheduleSpec("custom", {"path": "m.Mine", "data": {}})
HOUR = timedelta(hours=1)
START = NOON - 3 * HOUR


def own(**fields: Any) -> DagSnapshot:
    fields = {"start_date": START, "catchup": True, "max_active_runs": 100, **fields}
    return dag(task("a"), schedule=OWN, **fields)


def hourly(at: datetime) -> RunInfo:
    return RunInfo(at + HOUR, DataInterval(at, at + HOUR))


class Asked(World):
    """Whose author's timetable is asked by the test."""

    @property
    def questions(self) -> list[TimetableQuestion]:
        """What has been asked and not been told."""
        open_: dict[TimetableQuestion, None] = {}
        for change in self.log:
            match change:
                case c.TimetableAsked(_, question):
                    assert question not in open_, "asked twice"
                    open_[question] = None
                case c.TimetableTold(_, question):
                    open_.pop(question, None)
        return list(open_)

    def tell(self, *runs: RunInfo, **facts: Any) -> None:
        """Answer the one question there is."""
        (question,) = self.questions
        answer = TimetableAnswer(runs=runs, **facts)
        self.command(TimetableSaid(dag_id="d", question=question, answer=answer))

    def give_command(self, command: TriggerRun | CreateBackfill) -> str:
        """As the scheduler's loop does at each look while it waits in the inbox."""
        self.give(CommandGiven("mine", command))
        return "mine"


def test_the_first_run_is_asked_for() -> None:
    world = Asked(own())
    (question,) = world.questions
    assert question == TimetableQuestion(earliest=START, latest=None, catchup=True)
    world.tell(hourly(START), hourly(START + HOUR), hourly(START + 2 * HOUR))
    assert world.run_ids() == [f"scheduled__{(START + n * HOUR).isoformat()}" for n in (1, 2, 3)]
    (question,) = world.questions
    assert question.last == DataInterval(NOON - HOUR, NOON)


def test_a_run_to_come_is_made_when_it_is_due_and_the_next_asked_for() -> None:
    world = Asked(own(catchup=False))
    world.tell(hourly(NOON))
    moved = [one for one in world.log if isinstance(one, c.ScheduleMoved)]
    assert moved[-1].next == hourly(NOON)
    assert world.run_ids() == []
    assert world.questions == []
    world.wait(minutes=59)
    assert world.run_ids() == []
    world.wait(minutes=1)
    assert world.run_ids() == [f"scheduled__{(NOON + HOUR).isoformat()}"]
    assert [question.last for question in world.questions] == [DataInterval(NOON, NOON + HOUR)]


def test_no_further_run_is_an_answer() -> None:
    world = Asked(own())
    world.tell(hourly(START), are_all=True)
    assert len(world.run_ids()) == 1
    assert world.questions == []


def test_a_failing_timetable_makes_no_run_and_is_asked_anew_with_the_next_version() -> None:
    world = Asked(own())
    world.tell(error="KeyError: 'x'")
    assert world.run_ids() == []
    assert world.questions == []
    world.load(own(version=2, code_hash="c2"))
    world.tell(hourly(START), are_all=True)
    assert len(world.run_ids()) == 1


def test_a_question_is_asked_again_by_the_next_scheduler() -> None:
    world = Asked(own())
    (before,) = world.questions
    world.log.clear()
    world.fleet = world.rebuild()
    world.wait(seconds=1)
    assert world.questions == [before]


def test_an_answer_nobody_waits_for_any_more_is_taken() -> None:
    world = Asked(own())
    (question,) = world.questions
    for dag_id in ("d", "gone"):
        said = TimetableSaid(dag_id=dag_id, question=question, answer=TimetableAnswer(are_all=True))
        assert world.command(said).applied
        assert world.command(said).applied


def test_a_dated_manual_run_waits_for_its_data_interval() -> None:
    world = Asked(own(is_paused=True))
    world.tell(are_all=True)
    command = TriggerRun(dag_id="d", run_id="r", run_after=NOON, logical_date=NOON)
    name = world.give_command(command)
    assert name not in world.answers
    assert world.run_ids() == []
    world.give_command(command)  # not asked twice
    world.tell(hourly(NOON - HOUR))
    assert name not in world.answers
    world.give_command(command)
    assert world.answers[name].applied
    (run,) = world.runs.values()
    assert (run.logical_date, run.data_interval_start) == (NOON, NOON - HOUR)


def test_a_manual_run_that_names_its_interval_or_no_date_asks_nothing() -> None:
    world = Asked(own(is_paused=True))
    world.tell(are_all=True)
    assert world.trigger("undated").applied
    assert world.trigger(
        "named",
        logical_date=NOON,
        data_interval_start=NOON,
        data_interval_end=NOON + HOUR,
    ).applied
    assert world.questions == []


def test_a_failing_timetable_refuses_a_dated_run() -> None:
    world = Asked(own(is_paused=True))
    world.tell(are_all=True)
    command = TriggerRun(dag_id="d", run_id="r", run_after=NOON, logical_date=NOON)
    name = world.give_command(command)
    world.tell(error="KeyError: 'x'")
    world.give_command(command)
    assert not world.answers[name].applied
    assert (world.answers[name].status, world.answers[name].reason) == (
        400,
        "m.Mine: KeyError: 'x'",
    )


def _days(first: int, count: int) -> list[RunInfo]:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    at = [start + timedelta(days=first + number) for number in range(count)]
    return [
        RunInfo(one + timedelta(days=1), DataInterval(one, one + timedelta(days=1))) for one in at
    ]


def test_a_backfill_is_told_in_parts() -> None:
    world = Asked(own(is_paused=True))
    world.tell(are_all=True)
    command = CreateBackfill(
        dag_id="d",
        from_date=datetime(2024, 1, 1, tzinfo=UTC),
        to_date=datetime(2024, 4, 9, tzinfo=UTC),
        max_active_runs=200,
        ignore_dag_pause=True,
    )
    name = world.give_command(command)
    assert name not in world.answers
    world.tell(*_days(0, 70))
    world.give_command(command)
    assert world.answers[name].result == {"backfill_id": 1}
    assert world.run_ids() == []  # a Tick makes a hundred at once
    assert not world.backfills[1].all_made
    world.tell(*_days(70, 50))
    assert len(world.run_ids()) == 100
    assert world.backfills[1].all_made
    assert world.questions == []


def test_a_backfill_whose_timetable_fails_midway_says_so_and_ends() -> None:
    world = Asked(own(is_paused=True))
    world.tell(are_all=True)
    command = CreateBackfill(
        dag_id="d",
        from_date=datetime(2024, 1, 1, tzinfo=UTC),
        to_date=datetime(2024, 4, 9, tzinfo=UTC),
        max_active_runs=200,
        ignore_dag_pause=True,
    )
    world.give_command(command)
    world.tell(*_days(0, 99))
    world.give_command(command)
    world.tell(_days(99, 1)[0], *_days(100, 10))
    assert world.backfills[1].all_made
    world.run_all()
    assert world.backfills[1].completed_at is not None
    world.give(CommandGiven("another", replace(command, to_date=datetime(2024, 4, 20, tzinfo=UTC))))
    world.tell(*_days(0, 60))
    world.give(CommandGiven("another", replace(command, to_date=datetime(2024, 4, 20, tzinfo=UTC))))
    world.tell(error="KeyError: 'x'")
    (said,) = [
        one.reason
        for one in world.log
        if isinstance(one, c.BackfillWritten) and "no further" in one.reason
    ]
    assert said == "no further run is known: m.Mine: KeyError: 'x'"
    assert world.backfills[2].all_made
    assert world.backfills[2].completed_at is not None
