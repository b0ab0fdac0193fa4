"""Retry policies."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ExceptionRetryPolicy": "tradewind:ExceptionRetryPolicy",
        "RetryAction": "tradewind:RetryAction",
        "RetryDecision": "tradewind:RetryDecision",
        "RetryPolicy": "tradewind:RetryPolicy",
        "RetryRule": "tradewind:RetryRule",
    },
)
