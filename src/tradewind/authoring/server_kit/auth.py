"""The base of auth managers, as provider packages derive theirs from it, and what they build on.

Tradewind's server checks users itself and runs no code of packages, so it takes none of them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Generic, NoReturn, TypedDict, TypeVar

from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.provider_kit.access import (
    ConnectionDetails,
    DagAccessEntity,
    DagDetails,
    PoolDetails,
    TeamDetails,
    VariableDetails,
)
from tradewind.authoring.server_kit.command_line import CLICommand
from tradewind.authoring.server_kit.menu import ExtraMenuItem, MenuItem
from tradewind.authoring.server_kit.refusals import refuse, refused, refused_class

_HOME = "airflow.api_fastapi.auth.managers.base_auth_manager"
_APP = "airflow.api_fastapi.app"
_TOKENS = "airflow.api_fastapi.auth.tokens"
_REQUESTS = "airflow.api_fastapi.auth.managers.models.batch_apis"
INSTEAD = "its server has users and roles of its own and runs no code of provider packages"


class ResourceMethod(StrEnum):
    """What is done with a resource."""

    __module__ = _HOME

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


class ExtendedResourceMethod(StrEnum):
    """The same, and showing it in the menu."""

    __module__ = _HOME

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    MENU = "MENU"


class BaseUser:
    """A user."""

    __module__ = "airflow.api_fastapi.auth.managers.models.base_user"

    @abstractmethod
    def get_id(self) -> str:
        """Which user."""

    @abstractmethod
    def get_name(self) -> str:
        """What pages show."""


class IsAuthorizedConnectionRequest(TypedDict, total=False):
    """The question of `is_authorized_connection`."""

    method: ResourceMethod
    details: Any


class IsAuthorizedDagRequest(TypedDict, total=False):
    """The question of `is_authorized_dag`."""

    method: ResourceMethod
    access_entity: DagAccessEntity | None
    details: Any


class IsAuthorizedPoolRequest(TypedDict, total=False):
    """The question of `is_authorized_pool`."""

    method: ResourceMethod
    details: Any


class IsAuthorizedVariableRequest(TypedDict, total=False):
    """The question of `is_authorized_variable`."""

    method: ResourceMethod
    details: Any


for _request in (
    IsAuthorizedConnectionRequest,
    IsAuthorizedDagRequest,
    IsAuthorizedPoolRequest,
    IsAuthorizedVariableRequest,
):
    _request.__module__ = _REQUESTS


class AuthManagerRefreshTokenExpiredException(Exception):
    """A login cannot be prolonged."""

    __module__ = "airflow.api_fastapi.auth.managers.exceptions"


T = TypeVar("T", bound=BaseUser)


class BaseAuthManager(LoggingMixin, ABC, Generic[T]):
    """Who may do what; a class of its own answers each `is_authorized_...`."""

    __module__ = _HOME

    def init(self) -> None:
        """Called once when a server starts."""

    @abstractmethod
    def deserialize_user(self, token: dict[str, Any]) -> T:
        """The user in the claims of a token."""

    @abstractmethod
    def serialize_user(self, user: T) -> dict[str, Any]:
        """The claims of a user's token."""

    @abstractmethod
    def get_url_login(self, **kwargs: Any) -> str:
        """The page to log in at."""

    def get_url_logout(self) -> str | None:
        """The page to log out at, if there is one."""
        return None

    def refresh_user(self, *, user: T) -> T | None:
        """The user anew if something of it has run out."""
        return None

    @abstractmethod
    def is_authorized_configuration(
        self, *, method: ResourceMethod, user: T, details: Any = None
    ) -> bool:
        """Of a section of the configuration, or of all."""

    @abstractmethod
    def is_authorized_connection(
        self, *, method: ResourceMethod, user: T, details: Any = None
    ) -> bool:
        """Of a connection."""

    @abstractmethod
    def is_authorized_dag(
        self,
        *,
        method: ResourceMethod,
        user: T,
        access_entity: DagAccessEntity | None = None,
        details: Any = None,
    ) -> bool:
        """Of a DAG, or of a part of it."""

    @abstractmethod
    def is_authorized_asset(self, *, method: ResourceMethod, user: T, details: Any = None) -> bool:
        """Of an asset."""

    @abstractmethod
    def is_authorized_asset_alias(
        self, *, method: ResourceMethod, user: T, details: Any = None
    ) -> bool:
        """Of an alias of assets."""

    @abstractmethod
    def is_authorized_pool(self, *, method: ResourceMethod, user: T, details: Any = None) -> bool:
        """Of a pool."""

    @abstractmethod
    def is_authorized_variable(
        self, *, method: ResourceMethod, user: T, details: Any = None
    ) -> bool:
        """Of a variable."""

    @abstractmethod
    def is_authorized_view(self, *, access_view: Any, user: T) -> bool:
        """Of a page."""

    @abstractmethod
    def is_authorized_custom_view(
        self, *, method: ResourceMethod, resource_name: str, user: T
    ) -> bool:
        """Of a page of a plugin."""

    @abstractmethod
    def filter_authorized_menu_items(
        self, menu_items: list[MenuItem], *, user: T
    ) -> list[MenuItem]:
        """Those that the user may see."""

    def is_authorized_team(self, *, method: ResourceMethod, user: T, details: Any = None) -> bool:
        """Of a team. Raises NotImplementedError where a class knows of no teams."""
        raise NotImplementedError(f"{type(self).__name__} does not know of teams")

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: T) -> bool:
        """Whether a task that waits for some users' input waits for this one's."""
        return user.get_id() in assigned_users

    def batch_is_authorized_connection(
        self, requests: Sequence[IsAuthorizedConnectionRequest], *, user: T
    ) -> bool:
        """Of all of these."""
        return all(
            self.is_authorized_connection(
                method=each["method"], details=each.get("details"), user=user
            )
            for each in requests
        )

    def batch_is_authorized_dag(
        self, requests: Sequence[IsAuthorizedDagRequest], *, user: T
    ) -> bool:
        """Of all of these."""
        return all(
            self.is_authorized_dag(
                method=each["method"],
                access_entity=each.get("access_entity"),
                details=each.get("details"),
                user=user,
            )
            for each in requests
        )

    def batch_is_authorized_pool(
        self, requests: Sequence[IsAuthorizedPoolRequest], *, user: T
    ) -> bool:
        """Of all of these."""
        return all(
            self.is_authorized_pool(method=each["method"], details=each.get("details"), user=user)
            for each in requests
        )

    def batch_is_authorized_variable(
        self, requests: Sequence[IsAuthorizedVariableRequest], *, user: T
    ) -> bool:
        """Of all of these."""
        return all(
            self.is_authorized_variable(
                method=each["method"], details=each.get("details"), user=user
            )
            for each in requests
        )

    def filter_authorized_connections(
        self,
        *,
        conn_ids: Iterable[str],
        user: T,
        method: ResourceMethod = ResourceMethod.GET,
        team_name: str | None = None,
    ) -> set[str]:
        """Those of these connections."""
        return {
            each
            for each in conn_ids
            if self.is_authorized_connection(
                method=method,
                details=ConnectionDetails(conn_id=each, team_name=team_name),
                user=user,
            )
        }

    def filter_authorized_dag_ids(
        self,
        *,
        dag_ids: Iterable[str],
        user: T,
        method: ResourceMethod = ResourceMethod.GET,
        team_name: str | None = None,
    ) -> set[str]:
        """Those of these DAGs."""
        return {
            each
            for each in dag_ids
            if self.is_authorized_dag(
                method=method, details=DagDetails(id=each, team_name=team_name), user=user
            )
        }

    def filter_authorized_pools(
        self,
        *,
        pool_names: Iterable[str],
        user: T,
        method: ResourceMethod = ResourceMethod.GET,
        team_name: str | None = None,
    ) -> set[str]:
        """Those of these pools."""
        return {
            each
            for each in pool_names
            if self.is_authorized_pool(
                method=method, details=PoolDetails(name=each, team_name=team_name), user=user
            )
        }

    def filter_authorized_teams(
        self, *, teams_names: Iterable[str], user: T, method: ResourceMethod = ResourceMethod.GET
    ) -> set[str]:
        """Those of these teams."""
        return {
            each
            for each in teams_names
            if self.is_authorized_team(method=method, details=TeamDetails(name=each), user=user)
        }

    def filter_authorized_variables(
        self,
        *,
        variable_keys: Iterable[str],
        user: T,
        method: ResourceMethod = ResourceMethod.GET,
        team_name: str | None = None,
    ) -> set[str]:
        """Those of these variables."""
        return {
            each
            for each in variable_keys
            if self.is_authorized_variable(
                method=method, details=VariableDetails(key=each, team_name=team_name), user=user
            )
        }

    def get_authorized_menu_items(self, *, user: T) -> list[MenuItem]:
        """What of the menu the user may see."""
        return self.filter_authorized_menu_items(list(MenuItem), user=user)

    def get_extra_menu_items(self, *, user: T) -> list[ExtraMenuItem]:
        """What it adds to the menu."""
        return []

    @staticmethod
    def get_cli_commands() -> list[CLICommand]:
        """The commands that come with it."""
        return []

    def get_fastapi_app(self) -> Any:
        """The pages that come with it."""
        return None

    def get_fastapi_middlewares(self) -> list[tuple[Any, dict[str, Any]]]:
        """What looks at each request before the server does."""
        return []

    @staticmethod
    def get_db_manager() -> str | None:
        """The class path of what migrates its tables."""
        return None

    def generate_jwt(self, user: T, **_: Any) -> NoReturn:
        """Refused."""
        refuse(f"{_HOME}.BaseAuthManager.generate_jwt", INSTEAD)

    def revoke_token(self, token: str) -> None:
        """Refused."""
        refuse(f"{_HOME}.BaseAuthManager.revoke_token", INSTEAD)

    async def get_user_from_token(self, token: str) -> BaseUser:
        """Refused."""
        refuse(f"{_HOME}.BaseAuthManager.get_user_from_token", INSTEAD)


JWKS = refused_class(_TOKENS, "JWKS", INSTEAD)
JWTGenerator = refused_class(_TOKENS, "JWTGenerator", INSTEAD)
JWTValidator = refused_class(_TOKENS, "JWTValidator", INSTEAD)
get_signing_key = refused(_TOKENS, "get_signing_key", INSTEAD)
get_signing_args = refused(_TOKENS, "get_signing_args", INSTEAD)
create_auth_manager = refused(_APP, "create_auth_manager", INSTEAD)
get_auth_manager = refused(_APP, "get_auth_manager", INSTEAD)
init_auth_manager = refused(_APP, "init_auth_manager", INSTEAD)
