"""Operators that choose what follows them. They load, and cannot be run yet."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tradewind.authoring.later import later_feature
from tradewind.authoring.operator import BaseOperator

if TYPE_CHECKING:
    from tradewind.authoring.node import DAGNode


class SkipMixin:
    """For operators that skip tasks downstream of them."""

    __module__ = "airflow.sdk.bases.skipmixin"

    _can_skip_downstream = True

    def skip(self, ti: Any, tasks: "Iterable[DAGNode]") -> None:
        """Skip `tasks`. It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature("branching"))

    def skip_all_except(self, ti: Any, branch_task_ids: "str | Iterable[str] | None") -> None:
        """Skip what is directly downstream, but for these and what they lead to."""
        raise NotImplementedError(later_feature("branching"))


class BranchMixIn(SkipMixin):
    """For operators that follow some branches and skip the others."""

    __module__ = "airflow.sdk.bases.branch"

    def do_branch(
        self, context: Any, branches_to_execute: "str | Iterable[str] | None"
    ) -> "str | Iterable[str] | None":
        """Follow these ids of tasks or groups, skip the rest."""
        self.skip_all_except(context["ti"], branches_to_execute)
        return branches_to_execute


class BaseBranchOperator(BaseOperator, BranchMixIn):
    """Subclasses say in `choose_branch` which tasks or groups to follow."""

    __module__ = "airflow.sdk.bases.branch"

    def choose_branch(self, context: Any) -> "str | Iterable[str] | None":
        """The id or ids to follow; None for none of them."""
        raise NotImplementedError(f"{type(self).__name__} has no choose_branch method")

    def execute(self, context: Any) -> Any:
        """Choose, and skip the rest."""
        return self.do_branch(context, self.choose_branch(context))
