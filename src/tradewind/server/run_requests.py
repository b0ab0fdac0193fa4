"""What may be asked of a new run, wherever it is asked: its name and its conf. Knows no HTTP."""

import re
import secrets
import string
from datetime import datetime
from typing import Any

from tradewind.model.errors import UserError
from tradewind.model.plan import Plan
from tradewind.model.states import RunType

_NOT_ADDRESSABLE = ("~", ".", "..")
_ALPHABET = string.ascii_letters + string.digits


def manual_run_id(
    plan: Plan,
    run_after: datetime,
    logical_date: datetime | None,
    run_type: RunType = RunType.MANUAL,
) -> str:
    """The run_id of a run that somebody asked for without naming it; with a random end if it has no
    logical date."""
    if logical_date is None and plan.manual_run_is_dated:
        logical_date = run_after
    named_by = logical_date if plan.runs_are_named_by_date else None
    run_id = f"{run_type.value}__{(named_by or run_after).isoformat()}"
    if logical_date is not None:
        return run_id
    return f"{run_id}_{''.join(secrets.choice(_ALPHABET) for _ in range(8))}"


def check_run_id(run_id: str, pattern: str) -> None:
    """Raises UserError for a run_id that a user may not give."""
    if not re.fullmatch(pattern, run_id):
        raise UserError(f"run_id {run_id!r} does not match {pattern}")
    if run_id in _NOT_ADDRESSABLE:
        raise UserError(f"run_id {run_id!r} means something else in addresses; choose another")
    reserved = [kind.value for kind in RunType if kind is not RunType.MANUAL]
    for kind in reserved:
        if run_id.startswith(f"{kind}__"):
            raise UserError(f"run_id {run_id!r} begins with {kind}__, which is reserved")


def check_conf(plan: Plan, conf: dict[str, Any]) -> None:
    """Raises UserError if a param is missing or has a value its schema does not allow."""
    for name, param in plan.params.items():
        if name in conf:
            value = conf[name]
        elif "value" in param:
            value = param["value"]
        else:
            raise UserError(f"param {name!r} has no default: give it in conf")
        check_param(f"param {name!r} in conf", value, param.get("schema") or {})


def check_param(what: str, value: Any, schema: dict[str, Any]) -> None:
    """Raises UserError if the schema does not allow the value; `what` says whose value it is."""
    if not schema:
        return
    import jsonschema  # noqa: PLC0415 - 4 MB that an idle server saves

    validator = jsonschema.validators.validator_for(schema, jsonschema.Draft202012Validator)
    try:
        validator.check_schema(schema)
        error = jsonschema.exceptions.best_match(
            validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(value)
        )
    except jsonschema.exceptions.SchemaError as invalid:
        raise UserError(f"{what}: its schema is not valid: {invalid.message}") from invalid
    if error is not None:
        raise UserError(f"{what}: {error.message}")
