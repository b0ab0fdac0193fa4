"""Operators that call a function, here or in another Python."""

import importlib.util

from tradewind.authoring.context import get_current_context
from tradewind.integrations.standard.operators._calling import (
    BranchPythonOperator,
    PythonOperator,
    ShortCircuitOperator,
)
from tradewind.integrations.standard.operators._other_python import (
    BranchExternalPythonOperator,
    BranchPythonVirtualenvOperator,
    ExternalPythonOperator,
    PythonVirtualenvOperator,
    _BasePythonVirtualenvOperator,
)

__all__ = [
    "BranchExternalPythonOperator",
    "BranchPythonOperator",
    "BranchPythonVirtualenvOperator",
    "ExternalPythonOperator",
    "PythonOperator",
    "PythonVirtualenvOperator",
    "ShortCircuitOperator",
    "_BasePythonVirtualenvOperator",
    "get_current_context",
    "is_venv_installed",
]


def is_venv_installed() -> bool:
    """Whether virtual environments can be made here."""
    return importlib.util.find_spec("venv") is not None
