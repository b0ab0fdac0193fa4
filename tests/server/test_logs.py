"""Reading log files."""

import json
from pathlib import Path

import pytest

from tradewind.server import logs
from tradewind.server.logs import as_text, read_all, read_page


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "attempt=1.log"


def test_lines_become_messages(log: Path) -> None:
    log.write_bytes(b'{"event": 3, "x": NaN}\n{"no": "event"}\n{broken\n\nraw \xff\n')
    assert read_page(log, 0, whole_lines=False).messages == [
        {"event": "3", "x": None},
        {"event": '{"no": "event"}'},
        {"event": "{broken"},
        {"event": "raw \N{REPLACEMENT CHARACTER}"},
    ]


def test_pages_join_without_a_seam(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "PAGE_BYTES", 64)
    lines = [f"line {number} " + "x" * (number % 30) for number in range(50)]
    log.write_text("\n".join(lines) + "\n")
    found: list[str] = []
    offset = 0
    for _ in range(200):
        page = read_page(log, offset, whole_lines=True)
        found += [message["event"] for message in page.messages]
        offset = page.next_offset
        if page.is_end:
            break
    assert found == lines
    assert [message["event"] for message in read_all(log)] == lines


def test_a_line_longer_than_a_page_does_not_stop_reading(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "PAGE_BYTES", 64)
    log.write_text("x" * 200 + "\nshort\n")
    found, offset = "", 0
    for _ in range(20):
        page = read_page(log, offset, whole_lines=True)
        found += "".join(message["event"] for message in page.messages)
        offset = page.next_offset
        if page.is_end:
            break
    assert found == "x" * 200 + "short"


def test_an_endless_line_is_cut(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LINE_BYTES_MAX", 100_000)
    log.write_text("x" * 300_000)
    assert len(list(read_all(log))) > 1


def test_text_has_the_traceback() -> None:
    message = {"timestamp": "T", "level": "error", "event": "failed", "error_detail": "Traceback"}
    assert as_text(message) == "[T] ERROR - failed\nTraceback"
    assert json.loads(as_text({"event": "{}"})) == {}
