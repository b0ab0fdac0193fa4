"""E-mail."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "build_mime_message": "tradewind.authoring.provider_kit.mail:build_mime_message",
        "get_email_address_list": "tradewind.authoring.provider_kit.mail:get_email_address_list",
        "send_email": "tradewind.authoring.provider_kit.mail:send_email",
        "send_email_smtp": "tradewind.authoring.provider_kit.mail:send_email_smtp",
        "send_mime_email": "tradewind.authoring.provider_kit.mail:send_mime_email",
    },
)
