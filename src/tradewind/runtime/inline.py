"""One attempt in the process of whoever asks, without supervisor or fork: for `dags test`."""

from collections.abc import Callable

from tradewind.authoring.dag import DAG
from tradewind.authoring.host import Host
from tradewind.model.attempts import Attempt
from tradewind.model.events import FieldsRendered
from tradewind.model.states import TaskState
from tradewind.runtime import callbacks, execution
from tradewind.runtime.execution import Ran
from tradewind.runtime.usage import Usage

__all__ = ["Ran", "run_attempt", "run_callbacks"]


def run_attempt(
    dag: DAG,
    attempt: Attempt,
    host: Host,
    *,
    say: Callable[[FieldsRendered], None] = lambda event: None,
) -> Ran:
    """Execute one attempt here and now; `.outcome` says how it ended.

    What it pushes on its own goes to `host.push_xcom`. Raises nothing that user code raises.
    """
    return execution.run_attempt(dag, attempt, host, say, before=Usage.now())


def run_callbacks(ran: Ran, state: TaskState, host: Host) -> None:
    """Run the callbacks that belong to the state the attempt left its task in."""
    callbacks.run(ran, state, host)
