"""Param, ParamsDict, DagParam: values that a run may be given, each checked by a JSON schema."""

import copy
import functools
import json
import re
from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from typing import TYPE_CHECKING, Any

from tradewind.authoring.errors import ParamValidationError
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.notset import NOTSET, ArgNotSet
from tradewind.authoring.xcom_arg import ResolveMixin

if TYPE_CHECKING:
    import jsonschema

    from tradewind.authoring.dag import DAG
else:
    jsonschema = LazyModule("jsonschema")


class Param:
    """A value with a JSON schema (the further keywords) and a description."""

    __module__ = "airflow.sdk.definitions.param"

    def __init__(
        self,
        default: Any = NOTSET,
        description: str | None = None,
        source: str | None = None,
        **kwargs: Any,
    ) -> None:
        if default is not NOTSET:
            _check_json(default)
        self.value = default
        self.description = description
        self.source = source
        self.schema: dict[str, Any] = kwargs.pop("schema") if "schema" in kwargs else kwargs

    @property
    def has_value(self) -> bool:
        """Whether there is a value to use."""
        return self.value is not NOTSET and self.value is not None

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """`value`, else the default, once the schema allows it. Raises ParamValidationError."""
        final = self.value if value is NOTSET else value
        try:
            if final is NOTSET:
                raise ParamValidationError("no value was passed and the param has no default")
            _check_json(final)
            if self.schema:
                _check_schema(final, self.schema)
        except ParamValidationError:
            if suppress_exception:
                return None
            raise
        self.value = final
        return final

    def as_data(self) -> dict[str, Any]:
        """What the Plan keeps of it."""
        value = None if isinstance(self.value, ArgNotSet) else self.value
        return {"value": value, "description": self.description, "schema": self.schema}

    def serialize(self) -> dict[str, Any]:
        """All of it, as data."""
        return {**self.as_data(), "source": self.source}

    @staticmethod
    def deserialize(data: Mapping[str, Any], version: int = 1) -> "Param":
        """What `serialize` said."""
        return Param(data["value"], data["description"], data["source"], schema=data["schema"])

    def dump(self) -> dict[str, Any]:
        """The same with the name of its class."""
        home = f"{type(self).__module__}.{type(self).__qualname__}"
        return {"__class": home, **self.serialize()}

    def copy(self) -> "Param":
        """A param of its own with the same value and schema."""
        return copy.copy(self)

    def __copy__(self) -> "Param":
        return Param(self.value, self.description, self.source, schema=copy.deepcopy(self.schema))

    def __repr__(self) -> str:
        return f"Param({self.value!r})"


class ParamsDict(MutableMapping[str, Any]):
    """Params by name; reading one gives its value."""

    __module__ = "airflow.sdk.definitions.param"
    __slots__ = ("_params", "suppress_exception")

    def __init__(
        self, dict_obj: Mapping[str, Any] | None = None, suppress_exception: bool = False
    ) -> None:
        self.suppress_exception = suppress_exception
        source = dict_obj._params if isinstance(dict_obj, ParamsDict) else dict_obj or {}
        if not isinstance(source, Mapping):
            raise TypeError(f"params must be a dict of names and values, not {source!r:.80}")
        self._params: dict[str, Param] = {}
        for name, value in source.items():
            if not isinstance(name, str):
                raise TypeError(f"the name of a param must be a string, not {name!r}")
            try:
                self._params[name] = value.copy() if isinstance(value, Param) else Param(value)
            except ParamValidationError as error:
                raise ParamValidationError(f"param {name!r}: {error}") from None

    def __getitem__(self, key: str) -> Any:
        if key not in self._params:
            raise KeyError(f"there is no param {key!r}{did_you_mean(key, self._params)}")
        return self._params[key].resolve(suppress_exception=self.suppress_exception)

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, Param):
            self._params[key] = value
        elif key in self._params:
            try:
                self._params[key].resolve(value, self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"invalid value for param {key}: {error}") from None
        else:
            self._params[key] = Param(value)

    def __delitem__(self, key: str) -> None:
        del self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, key: object) -> bool:
        return key in self._params

    def get_param(self, key: str) -> Param:
        """The Param itself. Raises KeyError."""
        return self._params[key]

    def params(self) -> ItemsView[str, Param]:
        """(name, Param) pairs."""
        return self._params.items()

    def dump(self) -> dict[str, Any]:
        """The values by name, checked."""
        return {name: self[name] for name in self._params}

    def values(self) -> ValuesView[Any]:
        return ValuesView(self)

    def validate(self) -> dict[str, Any]:
        """The values by name. Raises ParamValidationError naming the param."""
        values = {}
        for name, param in self._params.items():
            try:
                values[name] = param.resolve(suppress_exception=self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"invalid value for param {name}: {error}") from None
        return values

    def note_source(self, source: str) -> "ParamsDict":
        """Say of all that do not know it where they come from: `dag` or `task`."""
        for param in self._params.values():
            param.source = param.source or source
        return self

    @staticmethod
    def filter_params_by_source(params: "ParamsDict", source: str) -> "ParamsDict":
        """Those that come from a DAG (`dag`) or from a task (`task`)."""
        found = {name: param for name, param in params.params() if param.source == source}
        return ParamsDict(found)

    def __copy__(self) -> "ParamsDict":
        return ParamsDict(self, self.suppress_exception)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParamsDict):
            return self.dump() == other.dump()
        return isinstance(other, dict) and self.dump() == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr({name: param.value for name, param in self._params.items()})


def merged(*sources: Mapping[str, Any] | None) -> ParamsDict:
    """Params from several places, the later ones winning; a plain value keeps its schema."""
    result = ParamsDict()
    for source in sources:
        for name, value in ParamsDict(source).params():
            is_plain = not isinstance(source, ParamsDict) and not isinstance(
                (source or {}).get(name), Param
            )
            if is_plain and name in result:
                result[name] = value.value
                result.get_param(name).source = None
            else:
                result[name] = value
    return result


def with_conf(params: ParamsDict, values: Mapping[str, Any]) -> ParamsDict:
    """`params` with a run's `values` put in, checked. Raises ParamValidationError."""
    merged = ParamsDict(params)
    for name, value in values.items():
        merged[name] = value
    merged.validate()
    return merged


class DagParam(ResolveMixin):
    """An argument of a @dag function, resolved while a task runs: run conf, default, params."""

    __module__ = "airflow.sdk.definitions.param"

    def __init__(self, current_dag: "DAG", name: str, default: Any = NOTSET) -> None:
        if default is not NOTSET:
            current_dag.params[name] = default
        self.current_dag = current_dag
        self._name = name
        self._default = default

    def resolve(self, context: Any) -> Any:
        """The value. Raises AirflowException where nobody gave one."""
        run, params = context.get("dag_run"), context.get("params") or {}
        conf = (run.conf if run is not None else None) or {}
        if self._name in conf:
            return conf[self._name]
        if self._default is not NOTSET and not isinstance(self._default, Param):
            return self._default
        if self._name in params:
            return params[self._name]
        raise ParamValidationError(f"no value could be resolved for param {self._name}")

    def __repr__(self) -> str:
        return f"DagParam({self._name!r})"


def _check_json(value: Any) -> None:
    try:
        json.dumps(value)
    except (TypeError, ValueError) as error:
        raise ParamValidationError(
            f"a param must be JSON data (text, numbers, lists, dicts), and {value!r:.80} is not: "
            f"{error}"
        ) from None


def _check_schema(value: Any, schema: Mapping[str, Any]) -> None:
    try:
        jsonschema.validate(value, schema, format_checker=_formats())
    except jsonschema.ValidationError as error:
        raise ParamValidationError(error.message) from None
    except jsonschema.SchemaError as error:
        raise ParamValidationError(f"not a JSON schema: {error.message}") from None


_DURATION = re.compile(
    r"P(?!$)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)", re.ASCII
)


@functools.cache
def _formats() -> "jsonschema.FormatChecker":
    """What a text of some `format` looks like; jsonschema knows no durations (ISO 8601) alone."""
    checker = jsonschema.FormatChecker()
    checker.checks("duration")(_is_duration)
    return checker


def _is_duration(value: object) -> bool:
    if not isinstance(value, str):
        return True
    whole = re.sub(r"(\d)[.,]\d+([A-Z])$", r"\1\2", value)  # the last number may have a fraction
    return _DURATION.fullmatch(whole) is not None
