"""SmoothOperator: logs a link to a song."""

from typing import Any

from tradewind.authoring.operator import BaseOperator


class SmoothOperator(BaseOperator):
    """Succeeds, with music."""

    __module__ = "airflow.providers.standard.operators.smooth"

    ui_color = "#e8f7e4"
    yt_link = "https://www.youtube.com/watch?v=4TYv2PhG89A"

    def execute(self, context: Any) -> None:
        """Log the link."""
        self.log.info("Smooth operator: %s", self.yt_link)
