"""`macros` in templates."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "datetime": "tradewind.authoring.macros:datetime",
        "datetime_diff_for_humans": "tradewind.authoring.macros:datetime_diff_for_humans",
        "dateutil": "tradewind.authoring.macros:dateutil",
        "ds_add": "tradewind.authoring.macros:ds_add",
        "ds_format": "tradewind.authoring.macros:ds_format",
        "ds_format_locale": "tradewind.authoring.macros:ds_format_locale",
        "json": "tradewind.authoring.macros:json",
        "random": "tradewind.authoring.macros:random",
        "time": "tradewind.authoring.macros:time",
        "timedelta": "tradewind.authoring.macros:timedelta",
        "uuid": "tradewind.authoring.macros:uuid",
        "yaml": "tradewind.authoring.macros:yaml",
    },
)
