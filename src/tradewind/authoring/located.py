"""A mistake, and the author's line that made it."""

from tradewind.authoring.sites import Site
from tradewind.model.errors import InvalidDag


class Located(InvalidDag):
    """Found after the line was left, and told as of that line."""

    def __init__(self, message: str, site: Site) -> None:
        super().__init__(message)
        self.site = site
