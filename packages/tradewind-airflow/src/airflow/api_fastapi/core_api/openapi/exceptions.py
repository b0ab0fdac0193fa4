"""The errors of a route."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "HTTPExceptionResponse": "tradewind.authoring.server_kit.web:HTTPExceptionResponse",
        "create_openapi_http_exception_doc": "tradewind.authoring.server_kit.web:create_openapi_http_exception_doc",
    },
)
