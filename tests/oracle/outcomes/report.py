"""The figures of a comparison, and the part of `docs/oracle.md` that they are."""

from collections import Counter
from pathlib import Path

_PAGE = Path(__file__).resolve().parents[3] / "docs" / "oracle.md"
_END = "<!-- end -->"


def lines(version: str, found: Counter[str], covered: Counter[str]) -> list[str]:
    """Two tables of Markdown."""
    return [
        f"| {sum(found.values())} random DAGs, by seed, Airflow {version} | DAGs |",
        "| --- | ---: |",
        *(f"| {outcome} | {count} |" for outcome, count in sorted(found.items())),
        "",
        "| what they cover | DAGs |",
        "| --- | ---: |",
        *(f"| {trait} | {count} |" for trait, count in covered.items()),
    ]


def of_examples(rows: list[tuple[str, int, Counter[str]]], details: list[str]) -> list[str]:
    """A table of releases, and every DAG whose outcome is not the same."""
    words = sorted({word for _, _, found in rows for word in found})
    table = [
        f"| release | files | {' | '.join(words)} |",
        f"| --- | ---: |{' ---: |' * len(words)}",
    ]
    for version, files, found in rows:
        table.append(f"| {version} | {files} | {' | '.join(str(found[word]) for word in words)} |")
    return [*table, "", *(f"- {line}" for line in details)]


def write(part: str, figures: list[str]) -> None:
    """Put the figures in their place on the page."""
    begin = f"<!-- {part}: written by `make oracle` -->\n"
    before, _, rest = _PAGE.read_text().partition(begin)
    _, _, after = rest.partition(_END)
    _PAGE.write_text(before + begin + "\n" + "\n".join(figures) + "\n\n" + _END + after)
