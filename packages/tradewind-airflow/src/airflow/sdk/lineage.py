"""What hooks read and wrote."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AssetLineageInfo": "tradewind.authoring.lineage:AssetLineageInfo",
        "ExtraLineageInfo": "tradewind.authoring.lineage:ExtraLineageInfo",
        "HookLineage": "tradewind.authoring.lineage:HookLineage",
        "HookLineageCollector": "tradewind.authoring.lineage:HookLineageCollector",
        "HookLineageReader": "tradewind.authoring.lineage:HookLineageReader",
        "NoOpCollector": "tradewind.authoring.lineage:NoOpCollector",
        "get_hook_lineage_collector": "tradewind.authoring.lineage:get_hook_lineage_collector",
    },
)
