"""Names that Kerberos tickets are for."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "get_components": "tradewind.authoring.provider_kit.kerberos:get_components",
        "get_fqdn": "tradewind.authoring.provider_kit.surroundings:getfqdn",
        "replace_hostname_pattern": "tradewind.authoring.provider_kit.kerberos:replace_hostname_pattern",
    },
)
