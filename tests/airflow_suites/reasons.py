"""Why a test that passes on Airflow does not pass on us, by the words of its failure."""

import re
from enum import StrEnum

from tests.airflow_suites.running import Result


class Reason(StrEnum):
    """What fits none of the first three is taken for a bug until it is looked at."""

    LATER = "not yet"
    INTERNAL = "internal"
    WORDS = "words"
    BUG = "difference"


_INTERNAL = (
    r"there is no (expanding of rows|Airflow's|airflow\.[\w.]*\._)",
    r"NoDatabase: ",
    r"there is no database",
    r"there is no airflow\.sdk\.definitions\.[\w.]*\._",
    r"airflow\.sdk\.execution_time\.(comms|supervisor|task_runner|context|callback_runner|xcom)",
    r"airflow\.sdk\._shared",
    r"airflow\.sdk\.api",
    r"airflow\.sdk\.definitions\._internal",
    r"airflow\.serialization",
    r"airflow\.(settings|jobs|models\.(dagbag|serialized_dag)|api_fastapi)",
    r"No module named 'airflow\.sdk\.(serde|crypto|log|providers_manager_runtime)",
    r"no attribute '(SQL_ALCHEMY_CONN|used_group_ids|unmap|iter_mapped_dependants|deserialize)'",
    r"no attribute '(tg_kwargs|partial_kwargs|reset_masker|redact|amask_secret|ProvidersManager\w*)'",
    r"does not have the attribute '(redact|amask_secret|ProvidersManager\w*|trace|Stats|stats)",
    r"Mock object has no attribute",
    r"no attribute '(is_task_schedulable|model_construct|get_serialized_fields|op_kwargs_expand_input)'",
    r"<module 'airflow\.providers\.standard[^>]*> does not have the attribute",
    r"module 'airflow\.providers\.standard[^']*' has no attribute",
    r"import error in airflow\.providers\.standard",
    r"isinstance\(\) arg 2 must be a type",
    r"fixture '",
    r"SUPERVISOR_COMMS",
    r"has no attribute '_",
    r"does not have the attribute '_",
    r"cannot import name '_",
    r"unexpected keyword argument '_",
)
_LATER = (r"not available in this version of Tradewind", r"Tradewind cannot run .* yet")
_WORDS = (r"Regex pattern did not match",)
"""The right kind of error, in other words: pytest looks at them only then."""


def reason_of(result: Result) -> Reason:
    """Which of the four a failure is."""
    if any(re.search(pattern, result.reason) for pattern in _LATER):
        return Reason.LATER
    if any(re.search(pattern, result.reason) for pattern in _INTERNAL):
        return Reason.INTERNAL
    if any(re.search(pattern, result.reason) for pattern in _WORDS):
        return Reason.WORDS
    return Reason.BUG
