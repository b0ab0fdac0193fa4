"""Variable: settings of the installation that DAG files and tasks read and write."""

import json
import os
from typing import Any

from tradewind.authoring import host, watch
from tradewind.authoring.errors import AirflowRuntimeError, ErrorResponse, ErrorType
from tradewind.authoring.notset import NOTSET
from tradewind.model.requests import DeleteVariable, GetVariable, SetVariable, VariableKeys

_PREFIXES = ("TRADEWIND_VAR_", "AIRFLOW_VAR_")


class Variable:
    """A named text; `Variable.get` looks in the environment first, then in the database."""

    __module__ = "airflow.sdk.definitions.variable"

    def __init__(self, key: str, value: str | None = None, description: str | None = None) -> None:
        self.key = key
        self.value = value
        self.description = description

    @classmethod
    def get(
        cls,
        key: str,
        default: Any = NOTSET,
        deserialize_json: bool = False,
        *,
        default_var: Any = NOTSET,
    ) -> Any:
        """The value, as text or read as JSON; else the default: so, too, where nobody can be asked,
        as in a DAG file that is run by hand.

        Raises AirflowRuntimeError (VARIABLE_NOT_FOUND) without one, NoHost where nobody is there.
        """
        fallback = default if default is not NOTSET else default_var
        raw = from_environment(key)
        if raw is None and (host.is_there() or fallback is NOTSET):
            raw = host.current().ask(GetVariable(key=key))
        if raw is None:
            if fallback is NOTSET:
                raise AirflowRuntimeError(
                    ErrorResponse(
                        ErrorType.VARIABLE_NOT_FOUND,
                        {"key": key, "message": f"Variable {key!r} does not exist"},
                    )
                )
            return fallback
        return _read_json(key, raw) if deserialize_json else raw

    @classmethod
    def set(
        cls,
        key: str,
        value: Any,
        description: str | None = None,
        serialize_json: bool = False,
    ) -> None:
        """Store a value: as text, or as JSON."""
        text = json.dumps(value, indent=2) if serialize_json else str(value)
        host.current().ask(SetVariable(key=key, value=text, description=description))

    @classmethod
    def setdefault(
        cls, key: str, default: Any, description: str | None = None, deserialize_json: bool = False
    ) -> Any:
        """The value; if there is none, `default`, which is stored. Raises ValueError for None."""
        found = cls.get(key, None, deserialize_json)
        if found is not None:
            return found
        if default is None:
            raise ValueError("the default of a Variable must not be None")
        cls.set(key, default, description, serialize_json=deserialize_json)
        return default

    @classmethod
    def delete(cls, key: str) -> None:
        """Remove it, if it is there."""
        host.current().ask(DeleteVariable(key=key))

    @classmethod
    def keys(cls, prefix: str = "") -> list[str]:
        """The keys that begin with `prefix`, those of the environment left out."""
        found: list[str] = host.current().ask(VariableKeys(prefix=prefix))
        return found


def from_environment(key: str) -> str | None:
    """The value of TRADEWIND_VAR_<KEY> or AIRFLOW_VAR_<KEY>."""
    for prefix in _PREFIXES:
        name = prefix + key.upper()
        watch.note_environment(name)
        value = os.environ.get(name)
        if value is not None:
            return value
    return None


def _read_json(key: str, raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ValueError(f"Variable {key!r} is not valid JSON: {error}") from None


class VariableAccessor:
    """`var.value` and `var.json` in templates."""

    def __init__(self, deserialize_json: bool) -> None:
        self._deserialize_json = deserialize_json

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Variable.get(key, deserialize_json=self._deserialize_json)

    def __getitem__(self, key: str) -> Any:
        return self.__getattr__(key)

    def get(self, key: str, default: Any = NOTSET) -> Any:
        """The value, else the default."""
        return Variable.get(key, default, deserialize_json=self._deserialize_json)

    def __repr__(self) -> str:
        return "VariableAccessor()"
