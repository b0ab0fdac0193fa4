"""POST /auth/token: a token for a name and a password."""

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from tradewind.server.api.schemas.answer import Answer
from tradewind.server.auth.access import NotSignedIn
from tradewind.server.auth.passwords import verify_password
from tradewind.server.services import Here, Services
from tradewind.storage import users

router = APIRouter(prefix="/auth", tags=["Login"])


class LoginBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    username: str = Field(min_length=1, max_length=250)
    password: str = Field(max_length=1000)


class LoginResponse(Answer):
    access_token: str


@router.post("/token", status_code=status.HTTP_201_CREATED)
def create_token(here: Here, body: LoginBody) -> LoginResponse:
    """A token for `Authorization: Bearer`."""
    return _token(here, body, here.settings.api_auth.jwt_expiration_time)


@router.post("/token/cli", status_code=status.HTTP_201_CREATED)
def create_token_cli(here: Here, body: LoginBody) -> LoginResponse:
    """A token that is good for a shorter time."""
    return _token(here, body, here.settings.api_auth.jwt_cli_expiration_time)


def _token(here: Services, body: LoginBody, lifetime_s: int) -> LoginResponse:
    with here.database.read() as conn:
        account = users.get(conn, body.username)
    if not verify_password(body.password, account.password_hash if account else None):
        raise NotSignedIn("username or password is wrong")
    return LoginResponse(access_token=here.tokens.make(body.username, lifetime_s=lifetime_s))
