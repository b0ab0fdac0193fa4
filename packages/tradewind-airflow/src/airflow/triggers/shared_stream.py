"""Event triggers that read one stream together."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AdvanceItem": "tradewind.authoring.provider_kit.shared_streams:AdvanceItem",
        "AdvanceOutcome": "tradewind.authoring.provider_kit.shared_streams:AdvanceOutcome",
        "SharedStreamProducer": "tradewind.authoring.provider_kit.shared_streams:SharedStreamProducer",
    },
)
