"""Pydantic models that an annotation speaks of."""

import sys
import typing
from collections.abc import Iterator
from typing import Any

SUPPORTS_OPERATOR_DESERIALIZATION_WALKER = False
"""Tasks read no model of the author's from an XCom, so there are none to allow."""


def iter_pydantic_models(annotation: Any) -> Iterator[type]:
    """Every one in it, at any depth: `list[Model] | None` has one."""
    pydantic = sys.modules.get("pydantic")
    if pydantic is None:  # whoever has a model has imported it
        return
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from iter_pydantic_models(part)
