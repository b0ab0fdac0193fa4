"""BaseAsyncOperator: a task whose work is a coroutine."""

import asyncio
from typing import Any

from tradewind.authoring.operator import BaseOperator


class BaseAsyncOperator(BaseOperator):
    """Subclasses do their work in `aexecute`, on an event loop of the task's own process."""

    __module__ = "airflow.sdk.bases.operator"

    @property
    def is_async(self) -> bool:
        """Whether the work is a coroutine."""
        return True

    async def aexecute(self, context: Any) -> Any:
        """Do the work; what it returns becomes the XCom `return_value`."""
        raise NotImplementedError(f"{type(self).__name__} has no aexecute method")

    def execute(self, context: Any) -> Any:
        """Run `aexecute` to its end."""
        return asyncio.run(self.aexecute(context))
