"""YAML."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "FullLoader": "tradewind.authoring.provider_kit.yaml_text:FullLoader",
        "YAMLError": "tradewind.authoring.provider_kit.yaml_text:YAMLError",
        "dump": "tradewind.authoring.provider_kit.yaml_text:dump",
        "safe_dump": "tradewind.authoring.provider_kit.yaml_text:safe_dump",
        "safe_load": "tradewind.authoring.provider_kit.yaml_text:safe_load",
        "safe_load_all": "tradewind.authoring.provider_kit.yaml_text:safe_load_all",
    },
)
