"""What follows when a task asks for a run of another DAG: it is made, and waited for if so asked, here
or in a trigger.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

from tradewind.authoring import host
from tradewind.authoring.errors import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    DagRunTriggerException,
    TaskDeferred,
)
from tradewind.authoring.timezone import plain_utc
from tradewind.model.requests import ClearRun, MakeRun

log = logging.getLogger("task")

XCOM_RUN_ID = "trigger_run_id"
CONFLICT = 409
"""Status of a refusal: there is such a run."""


@dataclass(frozen=True, slots=True)
class _RunEnds:
    """Names the trigger that waits for the run's end; it is made where it runs."""

    asked: DagRunTriggerException

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            "airflow.providers.standard.triggers.external_task.DagStateTrigger",
            {
                "dag_id": self.asked.trigger_dag_id,
                "states": [*self.asked.allowed_states, *self.asked.failed_states],
                "run_ids": [self.asked.dag_run_id],
                "execution_dates": None,
                "poll_interval": self.asked.poke_interval,
            },
        )


def make(asked: DagRunTriggerException, ti: Any) -> None:
    """Make the run, or run it again, and wait for its end; in a trigger if `deferrable` is set.

    Raises AirflowSkipException or AirflowFailException where the run is there already,
    AirflowException for a run that cannot be made or ends in one of `failed_states`.
    """
    named = f"run {asked.dag_run_id} of DAG {asked.trigger_dag_id}"
    outcome = host.current().ask(_request(asked, ti))
    if outcome["status"] == CONFLICT and not outcome["applied"]:
        if asked.reset_dag_run:
            log.info("Running %s again: %s", named, outcome["reason"])
            again = ClearRun(dag_id=asked.trigger_dag_id, run_id=asked.dag_run_id)
            outcome = host.current().ask(again)
        elif asked.skip_when_already_exists:
            raise AirflowSkipException(f"skipped, as skip_when_already_exists is set: {named}")
        else:
            raise AirflowFailException(outcome["reason"])
    if not outcome["applied"]:
        raise AirflowException(f"{named} cannot be made: {outcome['reason']}")
    log.info("Triggered %s", named)
    ti.xcom_push(XCOM_RUN_ID, asked.dag_run_id)
    if asked.wait_for_completion and asked.deferrable:
        raise TaskDeferred(trigger=_RunEnds(asked), method_name="execute_complete")
    if asked.wait_for_completion:
        _wait(asked, ti, named)


def _request(asked: DagRunTriggerException, ti: Any) -> MakeRun:
    return MakeRun(
        dag_id=asked.trigger_dag_id,
        run_id=asked.dag_run_id,
        logical_date=None if asked.logical_date is None else plain_utc(asked.logical_date),
        run_after=None if asked.run_after is None else plain_utc(asked.run_after),
        conf=dict(asked.conf or {}),
        note=asked.note,
        triggering_user_name=ti.dag_run.triggering_user_name,
    )


def _wait(asked: DagRunTriggerException, ti: Any, named: str) -> None:
    """Look every `poke_interval` seconds until the run is in one of the states."""
    while True:
        log.info("Waiting for %s to be %s", named, " or ".join(map(str, asked.allowed_states)))
        time.sleep(asked.poke_interval)
        state = ti.get_dagrun_state(asked.trigger_dag_id, asked.dag_run_id)
        if state is None:
            raise AirflowException(f"{named} is there no more")
        if state in asked.failed_states:
            raise AirflowException(f"{named} ended as {state}")
        if state in asked.allowed_states:
            return
