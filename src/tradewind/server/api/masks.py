"""`update_mask`: which fields of a body count."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from tradewind.model.errors import UserError

UpdateMask = Annotated[list[str], Query(description="Only these fields of the body are written.")]


def chosen(body: BaseModel, update_mask: Sequence[str], writable: Sequence[str]) -> set[str]:
    """The fields to write: those of the mask, else those the body has.

    Raises UserError for a name that cannot be written.
    """
    aliases = {info.alias or name: name for name, info in type(body).model_fields.items()}
    unknown = [name for name in update_mask if aliases.get(name, name) not in writable]
    if unknown:
        raise UserError(
            f"update_mask names {', '.join(unknown)}; possible are {', '.join(writable)}"
        )
    named = {aliases.get(name, name) for name in update_mask}
    return named if update_mask else body.model_fields_set & set(writable)
