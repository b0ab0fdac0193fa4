"""The pages of docs/reference that are made from the code, so that they cannot go stale.

`python -m tests.generated_docs --write` writes them; `tests/tidy.py` compares them.
"""

import dataclasses
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from tradewind.cli import reference
from tradewind.config.settings import Settings
from tradewind.model.states import RUN_TRANSITIONS, TASK_TRANSITIONS

ROOT = Path(__file__).parents[1]


def states() -> str:
    """Both state diagrams and the causes of every step."""
    parts = [
        "# States\n\nGenerated from the transition tables in `src/tradewind/model/states.py`: do not edit.\n"
    ]
    for title, table in (("Task instances", TASK_TRANSITIONS), ("Runs", RUN_TRANSITIONS)):
        parts.append(f"\n## {title}\n\n{_diagram(table)}\n\n{_causes(table)}")
    return "".join(parts)


def _diagram(table: Mapping[Any, Mapping[Any, str]]) -> str:
    steps = [
        f"    {before.value} --> {after.value}"
        for before, afters in table.items()
        for after in afters
    ]
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(steps) + "\n```"


def _causes(table: Mapping[Any, Mapping[Any, str]]) -> str:
    rows = ["| from | to | when |\n| --- | --- | --- |\n"]
    rows += [
        f"| {before.value} | {after.value} | {why} |\n"
        for before, afters in table.items()
        for after, why in afters.items()
    ]
    return "".join(rows)


def configuration() -> str:
    """Every option with its default and meaning."""
    parts = [
        "# Configuration\n\nGenerated from `src/tradewind/config/settings.py`: do not edit.\n\n"
        "An option is set in `tradewind.toml` in Tradewind's home (`[core]`, `parallelism = 8`) or\n"
        "in the environment (`TRADEWIND__CORE__PARALLELISM=8`), which wins. `AIRFLOW__SECTION__KEY`\n"
        "is honoured where the Tradewind one is absent. The home itself is `TRADEWIND_HOME`, by\n"
        "default `~/tradewind`; `{home}` below stands for it.\n"
    ]
    for section in dataclasses.fields(Settings):
        if section.name == "home":
            continue
        parts.append(
            f"\n## [{section.name}]\n\n| option | default | meaning |\n| --- | --- | --- |\n"
        )
        parts += [_option_row(option) for option in dataclasses.fields(_section_type(section))]
    return "".join(parts)


def _section_type(section: "dataclasses.Field[Any]") -> Any:
    return section.default_factory


def _option_row(option: "dataclasses.Field[Any]") -> str:
    default = option.default
    shown = (
        ""
        if default in ("", None)
        else f"`{default.value if isinstance(default, StrEnum) else default}`"
    )
    secret = " (secret)" if option.metadata["sensitive"] else ""
    return f"| `{option.name}` | {shown} | {option.metadata['doc']}{secret} |\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/states.md": states,
    "docs/reference/configuration.md": configuration,
    "docs/reference/cli.md": reference.render,
}


def main() -> None:
    """Print which pages are stale, or write them with --write."""
    for name, render in PAGES.items():
        path = ROOT / name
        text = render()
        if not path.exists() or path.read_text() != text:
            print(f"{name}: {'written' if '--write' in sys.argv else 'stale'}")
            if "--write" in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)


if __name__ == "__main__":
    main()
