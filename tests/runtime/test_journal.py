"""What is in the journal, and what a later supervisor makes of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tradewind.runtime.journal import ATTEMPTS_PER_SEGMENT, Journal, start_time_of, write_started

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_started_attempt_is_found_by_the_next_supervisor(tmp_path: Path) -> None:
    write_started(Journal(tmp_path).begin("1-1"), "1-1", os.getpid(), NOW)

    (found,) = Journal(tmp_path).recover()

    assert (found.token, found.pid, found.started_at) == ("1-1", os.getpid(), NOW)
    assert found.pid_start_time == start_time_of(os.getpid())
    assert not found.ended


def test_attempt_that_never_wrote_is_not_found(tmp_path: Path) -> None:
    Journal(tmp_path).begin("1-1")
    assert Journal(tmp_path).recover() == []


def test_reports_and_end_are_found_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    write_started(journal.begin("1-1"), "1-1", os.getpid(), NOW)
    journal.ended("1-1", [b'["XComPushed",{"value":"a b"}]', b'["AttemptEnded",{}]'])
    journal.close()

    (found,) = Journal(tmp_path).recover()

    assert found.said == [b'["XComPushed",{"value":"a b"}]', b'["AttemptEnded",{}]']
    assert found.ended


def test_nothing_is_left_when_everything_is_settled(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    write_started(journal.begin("1-1"), "1-1", os.getpid(), NOW)
    journal.ended("1-1", [b"[]"])
    assert journal.needs_sync
    journal.settle("1-1")
    assert not journal.needs_sync
    journal.close()
    assert files(tmp_path) == []


def test_full_segment_goes_when_its_last_attempt_is_settled(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    first = [str(number) for number in range(ATTEMPTS_PER_SEGMENT)]
    for token in first:
        journal.begin(token)
    journal.begin("later")
    for token in first[:-1]:
        journal.settle(token)
    assert files(tmp_path) == ["00000001.journal", "00000002.journal"]
    journal.settle(first[-1])
    assert files(tmp_path) == ["00000002.journal"]


def test_process_of_a_given_up_supervisor_cannot_start(tmp_path: Path) -> None:
    path = Journal(tmp_path).begin("1-1")
    Journal(tmp_path).recover()
    with pytest.raises(FileNotFoundError):
        write_started(path, "1-1", os.getpid(), NOW)


def test_recovered_segment_goes_when_its_attempts_are_settled(tmp_path: Path) -> None:
    write_started(Journal(tmp_path).begin("1-1"), "1-1", os.getpid(), NOW)
    journal = Journal(tmp_path)
    journal.recover()
    journal.ended("1-1", [b"[]"])
    journal.settle("1-1")
    journal.close()
    assert files(tmp_path) == []


def test_half_a_line_is_no_line(tmp_path: Path) -> None:
    path = Path(Journal(tmp_path).begin("1-1"))
    write_started(str(path), "1-1", os.getpid(), NOW)
    with path.open("ab") as file:
        file.write(b"ended 1-1 [torn")
    (found,) = Journal(tmp_path).recover()
    assert not found.ended


def test_start_time_of_nobody() -> None:
    assert start_time_of(2**22 + 1) is None


def test_a_line_that_a_next_supervisor_may_not_have_read_lets_nothing_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Journal(tmp_path).begin("1-1")
    monkeypatch.setattr(os, "fdatasync", lambda handle: Journal(tmp_path).recover())
    with pytest.raises(FileNotFoundError):
        write_started(path, "1-1", os.getpid(), NOW)


@pytest.mark.parametrize(
    "torn",
    [
        b"started 1-1 12",
        b"\nstarted 1-1 12 34 2024-01-01T00:0",
        b"\nsaid 1-0 [1,",
        b"ended",
        b"\xff\xfe \xff",
    ],
)
def test_a_torn_line_harms_itself_alone(tmp_path: Path, torn: bytes) -> None:
    path = Path(Journal(tmp_path).begin("1-0"))
    write_started(str(path), "1-0", os.getpid(), NOW)
    with path.open("ab") as file:
        file.write(torn)
    write_started(str(path), "1-2", os.getpid(), NOW)

    found = Journal(tmp_path).recover()

    assert [(one.token, one.said, one.ended) for one in found] == [
        ("1-0", [], False),
        ("1-2", [], False),
    ]


def test_a_line_for_which_there_is_half_the_room_is_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Journal(tmp_path).begin("1-1")
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:9]))
    with pytest.raises(OSError, match="No space left"):
        write_started(path, "1-1", os.getpid(), NOW)
