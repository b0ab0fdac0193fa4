"""LatestOnlyOperator: skips what follows it in any run but the latest."""

from collections.abc import Iterable
from typing import Any

from tradewind.authoring.branching import BaseBranchOperator
from tradewind.authoring.later import later_feature


class LatestOnlyOperator(BaseBranchOperator):
    """Follows what is downstream if now is within the run's interval; a manual run always does."""

    __module__ = "airflow.providers.standard.operators.latest_only"

    ui_color = "#e9ffdb"

    def choose_branch(self, context: Any) -> str | Iterable[str] | None:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature("LatestOnlyOperator"))
