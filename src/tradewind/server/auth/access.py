"""The authorization rule of a route: a signed-in user whose role has the permission."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tradewind.model.errors import UserError
from tradewind.server.auth.roles import Permission, Role, may, role_named
from tradewind.server.services import Services
from tradewind.storage import users

_bearer = HTTPBearer(auto_error=False, description="A token from POST /auth/token.")


class NotSignedIn(UserError):
    """The caller did not say, or not believably, who they are."""


class Forbidden(UserError):
    """The caller's role does not allow it."""


@dataclass(frozen=True, slots=True)
class User:
    """Who is asking."""

    username: str
    role: Role


@dataclass(frozen=True, slots=True)
class Needs:
    """Dependency of a route: gives the User, or raises NotSignedIn or Forbidden."""

    permission: Permission

    def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> User:
        if credentials is None:
            raise NotSignedIn("sign in first: send a token from POST /auth/token as Bearer")
        services: Services = request.app.state.services
        username = services.tokens.username(credentials.credentials)
        with services.database.read() as conn:
            account = users.get(conn, username)
        role = None if account is None else role_named(account.role)
        if role is None:
            raise NotSignedIn(f"there is no user {username!r} any more; sign in again")
        if not may(role, self.permission):
            raise Forbidden(
                f"{username} is {role.name.lower()} and may not {self.permission.value}"
            )
        return User(username, role)


def needs(permission: Permission) -> Any:
    """The rule as a dependency: `dependencies=[needs(Permission.READ_DAGS)]`."""
    return Depends(Needs(permission))


Editor = Annotated[User, Depends(Needs(Permission.EDIT_DAGS))]
BackfillEditor = Annotated[User, Depends(Needs(Permission.EDIT_BACKFILLS))]
