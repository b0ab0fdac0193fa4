"""Objects by their dotted path."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "accepts_context": "tradewind.authoring.provider_kit.class_paths:accepts_context",
        "accepts_keyword_args": "tradewind.authoring.provider_kit.class_paths:accepts_keyword_args",
        "entry_points_with_dist": "tradewind.authoring.provider_kit.class_paths:entry_points_with_dist",
        "import_string": "tradewind.authoring.provider_kit.class_paths:import_string",
        "is_valid_dotpath": "tradewind.authoring.provider_kit.class_paths:is_valid_dotpath",
        "iter_namespace": "tradewind.authoring.provider_kit.class_paths:iter_namespace",
        "qualname": "tradewind.authoring.provider_kit.class_paths:qualname",
    },
)
