"""Names and addresses of hosts."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "get_host_ip_address": "tradewind.authoring.provider_kit.surroundings:get_host_ip_address",
        "get_hostname": "tradewind.authoring.provider_kit.surroundings:get_hostname",
        "getfqdn": "tradewind.authoring.provider_kit.surroundings:getfqdn",
    },
)
