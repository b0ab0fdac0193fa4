"""What authors' own weight strategies say, asked while their file is read.

The scheduler runs no code of theirs, so a strategy that reads `try_number` is asked about many tries
beforehand. What is known of a run alone, it cannot be asked about.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from tradewind.authoring.located import Located
from tradewind.model.plan import WeightRule

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

TRIES_ASKED = 50
"""A later try has the weight of the last of these."""
_INT32 = 2**31
_OF_THE_TASK = frozenset({"executor", "executor_config", "pool", "pool_slots", "queue"})


class AskedWeights(NamedTuple):
    """A strategy's answers."""

    weights: tuple[int, ...]
    """Of the first try and those after it; what repeats at the end is left out."""
    unknown: tuple[str, ...] = ()
    """What it reads of the run or the instance, which nobody knows yet."""


class TryToCome:
    """The task instance as a strategy sees it: what its file says, and how many tries it has had."""

    def __init__(self, task: "BaseOperator", tries: int) -> None:
        self.task = task
        self.task_id = task.task_id
        self.dag_id = task.dag.dag_id if task.dag is not None else None
        self.max_tries = task.retries
        self.operator = task.operator_name
        self.own_names_read: set[str] = set()
        self._tries = tries

    @property
    def try_number(self) -> int:
        """Tries there have been: 0 before the first, as in Airflow."""
        self.own_names_read.add("try_number")
        return self._tries

    def __getattr__(self, name: str) -> Any:
        if name in _OF_THE_TASK:
            return getattr(self.task, name)
        if not name.startswith("_"):
            self.own_names_read.add(name)
        raise AttributeError(f"{name} of a task instance is not known when its file is read")


def strategy_class(path: str) -> Any:
    """What a dotted path names. Raises ValueError for one that names nothing."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"the weight strategy {path} cannot be imported: {error}") from error


def asked_weights(task: "BaseOperator") -> AskedWeights | None:
    """What the task's strategy says of each try; None if its rule is one of Airflow's.

    Raises Located for a strategy that fails or gives no whole number.
    """
    rule = task.weight_rule
    if isinstance(rule, WeightRule):
        return None
    weights: list[int] = []
    for tries in range(TRIES_ASKED):
        instance = TryToCome(task, tries)
        try:
            given = _strategy(rule).get_weight(instance)
        except Exception as error:
            if unknown := instance.own_names_read - {"try_number"}:
                return AskedWeights((task.priority_weight,), tuple(sorted(unknown)))
            raise _wrong(task, f"failed: {type(error).__name__}: {error}") from error
        if unknown := instance.own_names_read - {"try_number"}:
            return AskedWeights((task.priority_weight,), tuple(sorted(unknown)))
        if not isinstance(given, int):
            raise _wrong(task, f"must give a whole number, not {given!r:.80}")
        weights.append(max(-_INT32, min(_INT32 - 1, given)))
        if not instance.own_names_read:
            break
    while len(weights) > 1 and weights[-1] == weights[-2]:
        weights.pop()
    return AskedWeights(tuple(weights))


def _strategy(rule: Any) -> Any:
    if isinstance(rule, str):
        rule = strategy_class(rule)
    return rule() if isinstance(rule, type) else rule


def _wrong(task: "BaseOperator", what: str) -> Located:
    return Located(f"task {task.task_id!r}: its weight strategy {what}", task._site)
