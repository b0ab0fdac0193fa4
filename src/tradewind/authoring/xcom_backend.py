"""BaseXCom: how XComs are written and read; a backend of one's own subclasses it."""

from typing import Any, ClassVar

from tradewind.authoring import host, serde, xcoms
from tradewind.authoring.context import get_current_context
from tradewind.authoring.xcom_arg import XCOM_RETURN_KEY
from tradewind.model.requests import PullXCom


class BaseXCom:
    """XComs by DAG, run and task, from within a running task."""

    __module__ = "airflow.sdk.bases.xcom"

    XCOM_RETURN_KEY: ClassVar[str] = XCOM_RETURN_KEY

    @classmethod
    def set(
        cls,
        key: str,
        value: Any,
        *,
        dag_id: str,
        task_id: str,
        run_id: str,
        map_index: int = -1,
        **_: Any,
    ) -> None:
        """Push a value of the running task. Raises ValueError for another one's."""
        ti = get_current_context()["ti"]
        if (ti.dag_id, ti.run_id, ti.task_id) != (dag_id, run_id, task_id):
            raise ValueError(
                f"task {ti.task_id!r} cannot push an XCom of {dag_id}.{task_id} {run_id}: "
                "a task pushes its own"
            )
        host.current().push_xcom(key, xcoms.as_data(task_id, key, value))

    @classmethod
    def get_value(cls, *, ti_key: Any, key: str) -> Any:
        """The value that a task instance pushed."""
        return cls.get_one(
            key=key,
            dag_id=ti_key.dag_id,
            task_id=ti_key.task_id,
            run_id=ti_key.run_id,
            map_index=ti_key.map_index,
        )

    @classmethod
    def get_one(
        cls,
        *,
        key: str,
        dag_id: str,
        task_id: str,
        run_id: str,
        map_index: int | None = None,
        include_prior_dates: bool = False,
    ) -> Any:
        """One value, or None."""
        found = cls._pull(
            key,
            dag_id,
            task_id,
            run_id,
            () if map_index is None else (map_index,),
            include_prior_dates,
        )
        return found[0] if found else None

    @classmethod
    def get_all(
        cls,
        *,
        key: str,
        dag_id: str,
        task_id: str,
        run_id: str,
        include_prior_dates: bool = False,
    ) -> Any:
        """The values of every map index, or None where there are none."""
        return cls._pull(key, dag_id, task_id, run_id, (), include_prior_dates) or None

    @classmethod
    async def aset(cls, key: str, value: Any, **of: Any) -> None:
        """set, for coroutines."""
        cls.set(key, value, **of)

    @classmethod
    async def aget_value(cls, **of: Any) -> Any:
        """get_value, for coroutines."""
        return cls.get_value(**of)

    @classmethod
    async def aget_one(cls, **of: Any) -> Any:
        """get_one, for coroutines."""
        return cls.get_one(**of)

    @classmethod
    async def aget_all(cls, **of: Any) -> Any:
        """get_all, for coroutines."""
        return cls.get_all(**of)

    @staticmethod
    def _pull(
        key: str,
        dag_id: str,
        task_id: str,
        run_id: str,
        map_indexes: tuple[int, ...],
        include_prior_dates: bool,
    ) -> list[Any]:
        rows = host.current().ask(
            PullXCom(
                dag_id=dag_id,
                run_id=run_id,
                key=key,
                task_ids=(task_id,),
                map_indexes=map_indexes,
                include_prior_dates=include_prior_dates,
            )
        )
        return [serde.deserialize(value) for _, _, value in rows]

    @staticmethod
    def serialize_value(value: Any, **_: Any) -> Any:
        """The value as JSON data."""
        return serde.serialize(value)

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        """The value of JSON data."""
        return serde.deserialize(result.value)

    @staticmethod
    def purge(xcom: Any, *args: Any) -> None:
        """Called when an XCom is deleted: remove what is kept elsewhere."""
