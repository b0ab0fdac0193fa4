"""Dates with and without a zone."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "coerce_datetime": "tradewind.authoring.timezone:coerce_datetime",
        "convert_to_utc": "tradewind.authoring.timezone:convert_to_utc",
        "datetime": "tradewind.authoring.timezone:datetime",
        "from_timestamp": "tradewind.authoring.timezone:from_timestamp",
        "is_localized": "tradewind.authoring.timezone:is_localized",
        "is_naive": "tradewind.authoring.timezone:is_naive",
        "make_aware": "tradewind.authoring.timezone:make_aware",
        "make_naive": "tradewind.authoring.timezone:make_naive",
        "parse": "tradewind.authoring.timezone:parse",
        "utc": "tradewind.authoring.timezone:utc",
        "utcnow": "tradewind.authoring.timezone:utcnow",
    },
)
