"""Page sizes and wildcards of list routes."""

from tradewind.config.settings import Settings

EVERY = "~"
"""In place of a dag_id, run id or task_id in a list's path: all of them."""


def page_size(settings: Settings, limit: int | None) -> int:
    """The limit that holds: the asked one, the usual one if none, never above the largest."""
    asked = settings.api.fallback_page_limit if limit is None else limit
    return min(asked, settings.api.maximum_page_limit)


def one_or_every(part: str) -> str | None:
    """A path's part; None if it stands for all."""
    return None if part == EVERY else part
