"""Setup and teardown blocks."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "SetupTeardownContext": "tradewind.authoring.setup_scopes:SetupTeardownContext",
    },
)
