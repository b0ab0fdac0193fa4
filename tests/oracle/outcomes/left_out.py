"""Example files whose outcomes are not compared, and why."""

_NETWORK = "asks a server on the internet"
_INDEX = "installs packages from an index"
_HUMAN = "waits for a person"
_NOW = "does by the clock what it does"
_OTHERS = "waits for runs of other DAGs or makes them"

LEFT_OUT = {
    "example_dag_decorator": _NETWORK,
    "example_retry_policy": _NETWORK,
    "tutorial_objectstorage": _NETWORK,
    "tutorial_taskflow_api_virtualenv": _INDEX,
    "example_branch_operator": _INDEX,
    "example_branch_operator_decorator": _INDEX,
    "example_python_decorator": _INDEX,
    "example_python_operator": _INDEX,
    "example_hitl_operator": _HUMAN,
    "example_sensors": _NOW,
    "example_external_task_marker_dag": _OTHERS,
    "example_external_task_parent_deferrable": _OTHERS,
    "example_trigger_controller_dag": _OTHERS,
}
