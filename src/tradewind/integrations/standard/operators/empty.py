"""EmptyOperator: a point in the graph, with nothing to execute."""

from typing import Any

from tradewind.authoring.operator import BaseOperator


class EmptyOperator(BaseOperator):
    """Succeeds as soon as it may run; takes no process unless a callback wants one."""

    __module__ = "airflow.providers.standard.operators.empty"

    ui_color = "#e8f7e4"
    _is_empty = True

    def execute(self, context: Any) -> None:
        """Nothing."""
