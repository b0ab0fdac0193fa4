"""Values that are not rendered."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "LiteralValue": "tradewind.authoring.template_fields:LiteralValue",
        "NativeEnvironment": "tradewind.authoring.templating:NativeEnvironment",
        "SandboxedEnvironment": "tradewind.authoring.templating:SandboxedEnvironment",
        "literal": "tradewind.authoring.template_fields:literal",
    },
)
