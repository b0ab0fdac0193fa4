"""Dates relative to today, as 1.10 and 2.x had them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "cron_presets": "tradewind.authoring.old_names:cron_presets",
    },
    removed={
        "date_range": "tradewind.authoring.old_names:date_range",
        "days_ago": "tradewind.authoring.old_names:days_ago",
        "infer_time_unit": "tradewind.authoring.old_names:infer_time_unit",
        "parse_execution_date": "tradewind.authoring.timezone:parse",
        "round_time": "tradewind.authoring.old_names:round_time",
        "scale_time_units": "tradewind.authoring.old_names:scale_time_units",
    },
)
