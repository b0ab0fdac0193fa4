"""What must hold of the code's shape, checked on its text: run by `make check` and `make test`."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.generated_docs import PAGES
from tradewind.model.plan import TriggerRule
from tradewind.model.states import TaskState

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "tradewind"
FILES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "packages").rglob("src/**/*.py")])

TOUR = (
    "README.md",
    "ARCHITECTURE.md",
    "src/tradewind/model/states.py",
    "src/tradewind/model/plan.py",
    "src/tradewind/core/rules.py",
    "src/tradewind/core/decide.py",
    "src/tradewind/scheduler/loop.py",
    "src/tradewind/storage/tasks.py",
    "src/tradewind/runtime/supervisor.py",
    "src/tradewind/runtime/task_process.py",
    "tests/core/test_decide.py",
)

# Words that name other things as well: a reprocess behaviour, a weight, a policy.
AMBIGUOUS = {TaskState.NONE.value, TriggerRule.ALWAYS.value}
STATE_WORDS = (
    {state.value for state in TaskState} | {rule.value for rule in TriggerRule}
) - AMBIGUOUS


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_function_imports_our_own_package() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in FILES
        for function in functions(path)
        for node in ast.walk(function)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tradewind")
        or (
            isinstance(node, ast.Import)
            and any(alias.name.split(".")[0] == "tradewind" for alias in node.names)
        )
    ]
    assert not found


def test_states_and_trigger_rules_are_spelled_in_core_and_model_alone() -> None:
    found = []
    for path in FILES:
        if path.is_relative_to(SOURCE) and path.relative_to(SOURCE).parts[0] in ("core", "model"):
            continue
        docstrings = {
            id(node.value)
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        found += [
            f"{name(path)}:{node.lineno} {node.value!r}"
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value in STATE_WORDS
            and id(node) not in docstrings
        ]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    assert not [
        name(path)
        for path in FILES
        if path.read_text().strip() and not ast.get_docstring(tree(path))
    ]


def test_names_that_say_nothing_are_not_used() -> None:
    empty_words = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    provider = SOURCE / "integrations" / "standard"  # its modules stand where Airflow has them
    assert not [
        name(path)
        for path in SOURCE.rglob("*")
        if path.suffix in (".py", "")
        and path.stem in empty_words
        and not path.is_relative_to(provider)
    ]


@pytest.mark.parametrize("listed", TOUR)
def test_the_tour_is_short_enough_to_read(listed: str) -> None:
    lines = len((ROOT / listed).read_text().splitlines())
    assert lines <= 300 if listed.endswith(("states.py", ".md")) else lines <= 220, lines
    assert listed in (ROOT / "ARCHITECTURE.md").read_text() or listed.endswith(".md")


def test_every_package_is_on_the_map() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    packages = [path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()]
    assert packages
    assert not [package for package in packages if f"`{package}/`" not in architecture]


def test_decisions_are_numbered_in_turn() -> None:
    """Two changes that land on one day both took the next number."""
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    titles = [path.read_text().partition("\n")[0] for path in files]
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for number, title in enumerate(titles, 1):
        assert title.startswith(f"# {number}. "), title


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_match_the_code(page: str) -> None:
    path = ROOT / page
    assert path.exists() and path.read_text() == PAGES[page](), "run `make docs`"


def test_the_readme_opens_with_the_two_commands() -> None:
    commands = re.findall(r"^(make \w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["make run", "make test"]


def test_no_index_address_is_named() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    address = re.compile(r"https?://[\w.-]*(?:python" + r"hosted|py" + r"pi\.org|np" + r"mjs)")
    found = [
        path
        for path in filter(None, tracked)
        if (ROOT / path).is_file() and address.search((ROOT / path).read_text(errors="ignore"))
    ]
    assert not found
