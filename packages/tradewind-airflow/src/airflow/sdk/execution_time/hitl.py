"""What operators that wait for a person call."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "HITLUser": "tradewind.authoring.provider_kit.human_input:HITLUser",
        "get_hitl_detail_content_detail": "tradewind.authoring.provider_kit.human_input:get_hitl_detail_content_detail",
        "update_hitl_detail_response": "tradewind.authoring.provider_kit.human_input:update_hitl_detail_response",
        "upsert_hitl_detail": "tradewind.authoring.provider_kit.human_input:upsert_hitl_detail",
    },
)
