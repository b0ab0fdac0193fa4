"""What became of a file, in one line."""

import ast
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tradewind.core.abilities import not_yet
from tradewind.model.parsed import ParsedFile

_PROVIDER = re.compile(r"airflow\.providers\.([a-z_]+(?:\.[a-z_]+)*)")
_PACKAGE = re.compile(r"apache-airflow-providers-([a-z-]+[a-z])")
_NESTED = frozenset({"apache", "atlassian", "cncf", "common", "dbt", "microsoft"})
"""Folders of airflow.providers that hold several distributions."""
_MODULE = re.compile(r"No module named '([\w.]+)'")
_PLACE = re.compile(r"^\S+?(?P<file>[^/\s]+:\d+): ")


class Outcome(StrEnum):
    """How a file fared; only OURS is a fault of Tradewind's."""

    LOADS = "loads"
    NO_DAG = "no DAG in it"
    PROVIDER = "needs a provider"
    MODULE = "needs a module"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A file's outcome, its DAGs, and why."""

    outcome: Outcome
    dag_ids: tuple[str, ...] = ()
    reason: str = ""
    refused: tuple[str, ...] = ()
    """Constructs whose running is refused by now, in any of its DAGs."""


def judge(parsed: ParsedFile) -> Verdict:
    """The verdict on one file."""
    if parsed.error is not None:
        message = parsed.error.splitlines()[0]
        outcome = _blame(message)
        if outcome is Outcome.PROVIDER:
            return Verdict(outcome, reason=provider_in(message) or "")
        return Verdict(outcome, reason=_PLACE.sub(r"\g<file>: ", message))
    if not parsed.plans:
        outcome, reason = why_no_dag(parsed.source_code)
        return Verdict(outcome, reason=reason)
    refused = {reason.partition(" uses ")[2] for plan in parsed.plans for reason in not_yet(plan)}
    dag_ids = tuple(plan.dag_id for plan in parsed.plans)
    return Verdict(Outcome.LOADS, dag_ids, refused=tuple(sorted(refused)))


def _blame(message: str) -> Outcome:
    if provider_in(message) not in (None, "standard"):
        return Outcome.PROVIDER
    module = _MODULE.search(message)
    if module is not None and module[1].split(".")[0] not in ("airflow", "tradewind"):
        return Outcome.MODULE
    return Outcome.OURS


def provider_in(message: str) -> str | None:
    """The provider that a message says is missing, such as `apache-hive`."""
    package = _PACKAGE.search(message)
    if package is not None:
        return package[1]
    found = _PROVIDER.search(message)
    if found is None:
        return None
    parts = found[1].split(".")
    return "-".join(parts[: 2 if parts[0] in _NESTED else 1])


def why_no_dag(source: str) -> tuple[Outcome, str]:
    """Why a file without an error made no DAG: what it looked for in vain, if anything."""
    tree = ast.parse(source)
    if not any(_makes_dag(node) for node in _outside_functions(tree)):
        return Outcome.NO_DAG, "a helper of other files, or all of it is commented out"
    for message in _failing_imports(tree):
        outcome = _blame(message)
        return (outcome if outcome is Outcome.OURS else Outcome.NO_DAG), f"it caught: {message}"
    for name in _looked_up(tree):
        if shutil.which(name) is None:
            return Outcome.NO_DAG, f"it makes one only where there is the command {name}"
    return Outcome.OURS, "it should have made one"


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """What is executed when the file is, decorators included."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield from child.decorator_list
        else:
            yield child
            yield from _outside_functions(child)


def _makes_dag(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    return isinstance(node, ast.Name) and node.id in ("DAG", "dag")


def _failing_imports(tree: ast.AST) -> Iterator[str]:
    """What imports say that a file makes within `try`."""
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try)]
    for statement in (inner for node in tries for inner in node.body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            try:
                exec(compile(ast.Module([statement], []), "example", "exec"), {})
            except ImportError as error:
                yield str(error)


def _looked_up(tree: ast.AST) -> Iterator[str]:
    """Commands that a file looks for with `shutil.which`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "which"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)
