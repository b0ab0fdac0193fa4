"""Small questions about values."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "as_flattened_list": "tradewind.authoring.provider_kit.values:as_flattened_list",
        "at_most_one": "tradewind.authoring.provider_kit.values:at_most_one",
        "build_airflow_dagrun_url": "tradewind.authoring.server_kit.menu:build_airflow_dagrun_url",
        "chunks": "tradewind.authoring.provider_kit.values:chunks",
        "convert_camel_to_snake": "tradewind.authoring.provider_kit.values:convert_camel_to_snake",
        "exactly_one": "tradewind.authoring.provider_kit.values:exactly_one",
        "is_container": "tradewind.authoring.provider_kit.values:is_container",
        "merge_dicts": "tradewind.authoring.provider_kit.values:merge_dicts",
        "partition": "tradewind.authoring.provider_kit.values:partition",
        "prune_dict": "tradewind.authoring.provider_kit.values:prune_dict",
        "validate_key": "tradewind.authoring.provider_kit.values:validate_key",
    },
    removed={
        "chain": "tradewind:chain",
        "cross_downstream": "tradewind:cross_downstream",
    },
)
