"""What all of them have."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseWorkload": "tradewind.authoring.server_kit.workloads:BaseWorkload",
        "BundleInfo": "tradewind.authoring.server_kit.workloads:BundleInfo",
    },
)
