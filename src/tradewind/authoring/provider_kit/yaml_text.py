"""YAML, with libyaml where it is there."""

from typing import Any, BinaryIO, TextIO

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
YAMLError = yaml.YAMLError
safe_dump = yaml.safe_dump
safe_load_all = yaml.safe_load_all
FullLoader: Any = getattr(yaml, "CFullLoader", yaml.FullLoader)


def safe_load(stream: bytes | str | BinaryIO | TextIO) -> Any:
    """The data of a document. Raises YAMLError."""
    return yaml.load(stream, _Loader)  # noqa: S506


def dump(data: Any, **kwargs: Any) -> str:
    """Data as a document."""
    return str(yaml.dump(data, Dumper=_Dumper, **kwargs))
