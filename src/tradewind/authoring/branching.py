"""BaseBranchOperator: chooses which of the tasks after it run."""

from collections.abc import Iterable
from typing import Any

from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.skipping import SkipMixin, answering

Choice = str | Iterable[str] | None


class BranchMixIn(SkipMixin):
    """For operators that end with a choice."""

    __module__ = "airflow.sdk.bases.branch"

    def do_branch(self, context: Any, branches_to_execute: Choice) -> Choice:
        """Follow these branches and skip the others; the answer is the choice."""
        self.log.info("Branch into %s", branches_to_execute)
        with answering(branches_to_execute):
            self.skip_all_except(context["ti"], branches_to_execute)
        return branches_to_execute


class BaseBranchOperator(BaseOperator, BranchMixIn):
    """Subclasses choose in `choose_branch`."""

    __module__ = "airflow.sdk.bases.branch"

    def choose_branch(self, context: Any) -> Choice:
        """Ids of tasks or groups directly after this one."""
        raise NotImplementedError(f"{type(self).__name__} has no choose_branch method")

    def execute(self, context: Any) -> Any:
        """Choose, and skip the rest."""
        return self.do_branch(context, self.choose_branch(context))
