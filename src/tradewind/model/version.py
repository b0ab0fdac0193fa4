"""The number of this release, a test compares it with the package's own metadata; and Airflow's."""

VERSION = "0.1.0"

AIRFLOW_VERSION = "3.3.2"
"""The release whose names, arguments and behaviour the package `airflow` gives."""
TASK_SDK_VERSION = "1.3.2"
"""The version of its task SDK, which is numbered apart."""
