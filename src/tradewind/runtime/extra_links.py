"""Addresses that operators have for pages elsewhere: worked out when a try has ended, kept as XComs."""

import logging

from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.provider_kit.task_keys import TaskInstanceKey
from tradewind.model.attempts import Attempt

log = logging.getLogger("task")


def links_of(task: BaseOperator, attempt: Attempt) -> tuple[tuple[str, str], ...]:
    """Key and address of each; one that cannot be told is logged and left out."""
    key = attempt.key
    found = []
    for link in task.operator_extra_links:
        named = TaskInstanceKey(
            key.dag_id, key.task_id, key.run_id, attempt.try_number, key.map_index
        )
        try:
            address = link.get_link(task, ti_key=named)
        except Exception as error:
            log.warning("The link %r cannot be told: %s", link.name, error)
            continue
        if address:
            found.append((link.xcom_key, str(address)))
    return tuple(found)
