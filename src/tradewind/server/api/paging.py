"""Page sizes, cursors and wildcards of list routes."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Self

from tradewind.config.settings import Settings
from tradewind.model.errors import UserError
from tradewind.server.api.schemas.fields import INT_MAX

EVERY = "~"
"""In place of a dag_id, run id or task_id in a list's path: all of them."""


def page_size(settings: Settings, limit: int | None) -> int:
    """The limit that holds: the asked one, the usual one if none, never above the largest."""
    asked = settings.api.fallback_page_limit if limit is None else limit
    return min(asked, settings.api.maximum_page_limit)


def one_or_every(part: str) -> str | None:
    """A path's part; None if it stands for all."""
    return None if part == EVERY else part


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: by `offset`, or by the cursor of the page before or after it."""

    offset: int
    limit: int
    by_cursor: bool = False

    @classmethod
    def of(cls, cursor: str | None, offset: int, limit: int) -> Self:
        """`cursor` wins over `offset`; an empty one is the first page's. Raises UserError."""
        if cursor is None:
            return cls(offset, limit)
        return cls(_read(cursor) if cursor else 0, limit, by_cursor=True)

    def next_cursor(self, total: int) -> str | None:
        """The next page's; None on the last page, or if no cursor was sent."""
        following = self.offset + self.limit
        return _write(following) if self.by_cursor and self.limit and following < total else None

    @property
    def previous_cursor(self) -> str | None:
        """The page's before; None on the first page, or if no cursor was sent."""
        return _write(max(self.offset - self.limit, 0)) if self.by_cursor and self.offset else None


def _write(offset: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset]).encode()).decode()


def _read(cursor: str) -> int:
    try:
        (offset,) = json.loads(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        offset = None
    if type(offset) is not int or not 0 <= offset <= INT_MAX:
        raise UserError("cursor is not the next_cursor or previous_cursor of an earlier answer")
    return offset
