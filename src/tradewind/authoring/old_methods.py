"""What operators could do themselves in 1.10 and 2.x and leave to others since."""

from typing import Any

from tradewind.authoring import profile
from tradewind.authoring.node import DAGNode
from tradewind.authoring.xcom_arg import XCOM_RETURN_KEY


class OldMethods(DAGNode):
    """`self.xcom_pull(context, ...)` within `execute`, and `dag >> task`."""

    @staticmethod
    def xcom_push(context: Any, key: str, value: Any, execution_date: Any = None) -> None:
        """What `context["ti"].xcom_push` does."""
        context["ti"].xcom_push(key=key, value=value, execution_date=execution_date)

    @staticmethod
    def xcom_pull(
        context: Any,
        task_ids: Any = None,
        dag_id: str | None = None,
        key: str = XCOM_RETURN_KEY,
        include_prior_dates: bool | None = None,
        **kwargs: Any,
    ) -> Any:
        """What `context["ti"].xcom_pull` does."""
        return context["ti"].xcom_pull(
            task_ids=task_ids,
            dag_id=dag_id,
            key=key,
            include_prior_dates=bool(include_prior_dates),
            **kwargs,
        )

    def __rrshift__(self, other: Any) -> Any:
        return self if self._joins(other) else super().__rrshift__(other)

    def __rlshift__(self, other: Any) -> Any:
        return self if self._joins(other) else super().__rlshift__(other)

    def _joins(self, other: Any) -> bool:
        """Whether `other` is a DAG, which has then taken this task in."""
        add_task = getattr(other, "add_task", None)
        if add_task is None:
            return False
        profile.report("puts a task into a DAG with >>")
        add_task(self)
        return True
