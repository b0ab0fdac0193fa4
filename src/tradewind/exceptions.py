"""What tasks raise and catch: `tradewind.exceptions`, with the names of `airflow.sdk.exceptions`."""

from tradewind.authoring.errors import *  # noqa: F403
