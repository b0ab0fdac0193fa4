"""What provider packages write pages and REST routes of their own with: plain FastAPI and pydantic.

Routes can be declared. Tradewind's server runs no code of packages, so nobody calls them there, and
whatever asks who is logged in refuses.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel as PydanticModel
from pydantic import ConfigDict

from tradewind.authoring.server_kit.auth import INSTEAD, BaseUser
from tradewind.authoring.server_kit.refusals import refuse

_BASE = "airflow.api_fastapi.core_api.base"
_SECURITY = "airflow.api_fastapi.core_api.security"


class AirflowRouter(APIRouter):
    """A router whose operations are named after their functions."""

    __module__ = "airflow.api_fastapi.common.router"

    def api_route(
        self, path: str, operation_id: str | None = None, **kwargs: Any
    ) -> Callable[..., Any]:
        """Decorates the function of a route."""

        def decorate(function: Any) -> Any:
            name = operation_id or function.__name__
            self.add_api_route(path, function, operation_id=name, **kwargs)
            return function

        return decorate


class BaseModel(PydanticModel):
    """The base of bodies and answers."""

    __module__ = _BASE

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)


class StrictBaseModel(BaseModel):
    """The same, and no other field may be there."""

    __module__ = _BASE

    model_config = ConfigDict(extra="forbid")


class HTTPExceptionResponse(BaseModel):
    """The answer with an error."""

    __module__ = "airflow.api_fastapi.core_api.openapi.exceptions"

    detail: str | dict[str, Any]


def create_openapi_http_exception_doc(
    responses_status_code: Sequence[int | tuple[int, str]],
) -> dict[int, dict[str, Any]]:
    """The errors of a route, as FastAPI's `responses` takes them."""
    found: dict[int, dict[str, Any]] = {}
    for each in responses_status_code:
        code, text = each if isinstance(each, tuple) else (each, None)
        found[code] = {"model": HTTPExceptionResponse} | ({"description": text} if text else {})
    return dict(sorted(found.items()))


async def get_user() -> BaseUser:
    """Refused."""
    refuse(f"{_SECURITY}.get_user", INSTEAD)


def requires_access(*_: Any, **__: Any) -> Callable[[], None]:
    """What a route depends on that only some may use; refused when it is called."""

    def check() -> None:
        refuse(_SECURITY, INSTEAD)

    return check


def get_session() -> Any:
    """Refused."""
    refuse("airflow.api_fastapi.common.db.common.SessionDep", INSTEAD)


GetUserDep = Annotated[BaseUser, Depends(get_user)]
SessionDep = Annotated[Any, Depends(get_session)]
