"""The date that a run is for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def run_date(context: Mapping[str, Any]) -> datetime:
    """Its logical date; without one, the moment from which it may run."""
    date: datetime = context.get("logical_date") or context["dag_run"].run_after
    return date
