"""The results as Markdown: the table, how quiet the machine was, where the time goes."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.columns import Column
from benchmarks.measure import Result
from benchmarks.run import Results

Samples = list[float]


def _seconds(samples: Samples) -> str:
    return f"{statistics.median(samples):.3g} s" + _range(samples, 1, 3)


def _milliseconds(samples: Samples) -> str:
    return f"{statistics.median(samples):.1f} ms" + _range(samples, 1, 3)


def _spread(samples: Samples) -> str:
    """Median and 95th percentile, for what there are many of."""
    p95 = statistics.quantiles(samples, n=20)[-1] if len(samples) > 1 else samples[0]
    return f"{statistics.median(samples):.1f} / {p95:.1f} ms"


def _rate(samples: Samples) -> str:
    return f"{statistics.median(samples):.3g}"


def _plain(samples: Samples) -> str:
    return f"{statistics.median(samples):.0f}"


def _percent(samples: Samples) -> str:
    return f"{statistics.median(samples):.1f} %"


def _mib(samples: Samples) -> str:
    return f"{statistics.median(samples):.0f} MiB"


def _range(samples: Samples, factor: float, digits: int) -> str:
    if len(samples) < 2:
        return ""
    low, high = min(samples) * factor, max(samples) * factor
    return f" ({low:.{digits}g}-{high:.{digits}g})"


@dataclass(frozen=True)
class Row:
    """One row: which samples of which workload, how they are written, what is to be reached."""

    work: str
    label: str
    sample: str
    show: Callable[[Samples], str]
    goal: str = ""
    is_rate: bool = False
    """Whether more is better."""


def _chain(work: str, what: str, wall: str = "", hop: str = "", cpu: str = "") -> list[Row]:
    return [
        Row(work, f"{what}: wall", "wall_s", _seconds, wall),
        Row(work, f"{what}: hop, median / p95", "hop_ms", _spread, hop),
        Row(work, f"{what}: POST to first start", "first_ms", _milliseconds),
        *_cpu(work, what, cpu),
    ]


def _many(work: str, what: str, rate: str = "", cpu: str = "") -> list[Row]:
    return [
        Row(work, f"{what}: tasks/s", "rate", _rate, rate, is_rate=True),
        Row(work, f"{what}: wall", "wall_s", _seconds),
        *_cpu(work, what, cpu),
    ]


def _cpu(work: str, what: str, goal: str = "") -> list[Row]:
    return [
        Row(work, f"{what}: CPU per task", "cpu_ms", _milliseconds, goal),
        Row(work, f"{what}: CPU per task, database server", "db_cpu_ms", _milliseconds),
    ]


def _waits(work: str, what: str) -> list[Row]:
    return [
        Row(work, f"{what}: until all wait", "deferred_s", _seconds),
        Row(work, f"{what}: CPU, of one core", "deferred_cpu_percent", _percent),
        Row(work, f"{what}: CPU of the scheduler", "scheduler_cpu_percent", _percent, "1 %"),
        Row(work, f"{what}: memory of the triggerer (PSS)", "triggerer_pss_mib", _mib, "300 MiB"),
        Row(work, f"{what}: memory of the scheduler (PSS)", "scheduler_pss_mib", _mib),
    ]


ROWS = [
    *_chain("chain40", "chain of 40", "0.30 s / 0.15 s", "6 / 2.5 ms", "7 / 2 ms"),
    *_chain("bash40", "chain of 40 shell `true`"),
    *_chain("chain10", "chain of 10 x fibo(33)"),
    *_many("fanout400", "1 → 400 → 1", "250 / 800", "7 / 2 ms"),
    *_many("runs100", "100 runs x 5 tasks", "200 / 500", "7 / 2 ms"),
    *_many("layers2000", "20 layers x 100", "250 / 800", "7 / 2 ms"),
    Row("latency", "POST to start, median / p95", "first_ms", _spread, "15 / 10 ms"),
    Row("latency", "POST to success shown", "wall_s", _seconds),
    *_many("ready100", "100 ready, 16 slots"),
    *_many("ready10000", "10,000 ready, 16 slots", "per task what 100 cost"),
    *_many("files100", "100 files due at once, nothing warm", "40"),
    Row("visible", "saved DAG file to visible", "visible_ms", _milliseconds, "500 ms"),
    Row("import", "`from tradewind import DAG`, fresh interpreter", "import_ms", _milliseconds,
        "120 ms"),
    Row("sensors1000", "1,000 sensors, 60 s: CPU, of one core", "waiting_cpu_percent", _percent,
        "15 %"),
    Row("sensors1000", "1,000 sensors, 60 s: CPU of the scheduler", "scheduler_cpu_percent",
        _percent, "2 %"),
    *_waits("triggers10000", "10,000 in triggers"),
    *_waits("moments10000", "10,000 that wait for a moment"),
    Row("idle", "idle: memory (PSS)", "pss_mib", _mib, "150 MiB"),
    Row("idle", "idle: processes", "processes", _plain),
    Row("idle", "idle: CPU, of one core", "idle_cpu_percent", _percent),
]  # fmt: skip


def markdown(results: Results) -> str:
    """All of it."""
    return "\n".join([*_table(results), *_quiet(results), *_truth(results), *_where(results)])


def _table(results: Results) -> Iterator[str]:
    titles = [column.title for column in results.columns]
    others = [column for column in results.columns if column.is_other]
    ratios = [f"{column.title}: times Tradewind's" for column in others]
    yield from _head(["", "to reach, fork / reuse", *titles, *ratios])
    starts = [_seconds(s) if (s := results.healthy_s.get(title)) else "" for title in titles]
    yield _line(["standalone, empty home, to healthy", "1.5 s", *starts, *_start_ratios(results)])
    for row in ROWS:
        cells = [_cell(results, row, column) for column in results.columns]
        if any(cells):
            compared = [_ratio(results, row, column) for column in others]
            yield _line([row.label, row.goal, *cells, *compared])
    for key, cell in results.cells.items():
        for note in cell.notes:
            yield f"\n- {key[0]}, {key[1]}: {note}."


def _cell(results: Results, row: Row, column: Column) -> str:
    samples = _samples(results, row, column)
    if not samples or (row.sample == "db_cpu_ms" and column.database == "sqlite"):
        return ""
    cut = results.cells[row.work, column.title].notes and row.is_rate
    return row.show(samples) + (" (cut off)" if cut else "")


def _samples(results: Results, row: Row, column: Column) -> Samples:
    cell = results.cells.get((row.work, column.title))
    return cell.samples.get(row.sample, []) if cell else []


def _ratio(results: Results, row: Row, other: Column) -> str:
    ours = _samples(results, row, _ours_beside(results, other))
    theirs = _samples(results, row, other)
    if not ours or not theirs or row.sample == "db_cpu_ms":
        return ""
    return _times(statistics.median(theirs), statistics.median(ours), is_rate=row.is_rate)


def _start_ratios(results: Results) -> Iterator[str]:
    for other in results.columns:
        if other.is_other:
            ours = results.healthy_s.get(_ours_beside(results, other).title)
            theirs = results.healthy_s.get(other.title)
            if ours and theirs:
                yield _times(statistics.median(theirs), statistics.median(ours))
            else:
                yield ""


def _ours_beside(results: Results, other: Column) -> Column:
    """The column of Tradewind that another's is compared with: the same database, `fork`."""
    beside = [column for column in results.columns if not column.is_other]
    same = [column for column in beside if column.database == other.database]
    return (same or beside)[0]


def _times(theirs: float, ours: float, *, is_rate: bool = False) -> str:
    ratio = ours / theirs if is_rate else theirs / ours
    return f"{ratio:.3g}x"


def _quiet(results: Results) -> Iterator[str]:
    yield "\nHow quiet the machine was: a fixed loop before each workload, and the share of all"
    yield "cores that went to others during it. Rows taken beside others' work mean little.\n"
    yield from _head(["", *(column.title for column in results.columns)])
    for work in results.works:
        cells = []
        for column in results.columns:
            cell = results.cells.get((work.name, column.title))
            loop = results.calibration_ms.get((work.name, column.title))
            busy = f", {max(cell.foreign):.0%}" if cell and cell.foreign else ""
            cells.append(f"{loop:.2f} ms{busy}" if cell and loop else "")
        yield _line([work.title, *cells])


def _truth(results: Results) -> Iterator[str]:
    yield "\nRecorded dates against the tasks' own clocks (recorded start before, recorded end"
    yield "after), median / p95, and the furthest:\n"
    yield from _head(["", *(column.title for column in results.columns)])
    for work in results.works:
        cells = [_offsets(results.cells.get((work.name, one.title))) for one in results.columns]
        if any(cells):
            yield _line([work.title, *cells])


def _offsets(cell: Result | None) -> str:
    if cell is None or not cell.samples.get("start_off_ms"):
        return ""
    start, end = cell.samples["start_off_ms"], cell.samples["end_off_ms"]
    return f"{_spread(start)}; {_spread(end)}; {max(*start, *end):.1f} ms"


def _where(results: Results) -> Iterator[str]:
    for name in ("chain40", "fanout400", "layers2000"):
        cells = {title: cell for (work, title), cell in results.cells.items() if work == name}
        if not cells:
            continue
        yield f"\nWhere a task's CPU goes, {name}, ms by part, the benchmark's questions included:\n"
        yield from _by_column(cells, {title: cell.parts_ms for title, cell in cells.items()})
        if any(cell.phases_ms for cell in cells.values()):
            yield f"\nWhere a hop's time goes, {name}, ms, medians of recorded dates:\n"
            yield from _by_column(cells, {title: cell.phases_ms for title, cell in cells.items()})


def _by_column(cells: dict[str, Result], values: dict[str, dict[str, float]]) -> Iterator[str]:
    yield from _head(["", *cells])
    names = {name: None for column in values.values() for name in column}
    for name in names:
        row = [values[title].get(name) for title in cells]
        if any(value is not None and value >= 0.05 for value in row):
            yield _line([name, *("" if value is None else f"{value:.1f}" for value in row)])


def _head(cells: list[str]) -> Iterator[str]:
    yield _line(cells)
    yield _line(["---"] * len(cells))


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
