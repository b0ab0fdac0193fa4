"""Dates relative to today, as 1.10 and 2.x had them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "cron_presets": "tradewind.authoring.old_names:cron_presets",
    },
    removed={
        "days_ago": "tradewind.authoring.old_names:days_ago",
    },
)
