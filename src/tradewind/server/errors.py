"""Errors as answers: `{"detail": ...}` with the status that fits."""

import logging

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from tradewind.model.errors import (
    AlreadyExists,
    Bug,
    EnvironmentFailure,
    NotFound,
    TradewindError,
    UserError,
)
from tradewind.server.api.schemas.fields import json_safe
from tradewind.server.auth.access import Forbidden, NotSignedIn
from tradewind.server.auth.tokens import InvalidToken
from tradewind.server.commands import CommandRefused

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotSignedIn, 401),
    (InvalidToken, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (AlreadyExists, 409),
    (UserError, 400),
    (EnvironmentFailure, 503),
    (Bug, 500),
)


def install(app: FastAPI) -> None:
    """Have `app` answer with these instead of a bare 500."""
    app.add_exception_handler(TradewindError, _answer)
    app.add_exception_handler(sa.exc.DataError, _unstorable)
    app.add_exception_handler(RequestValidationError, _invalid)


def status_of(error: Exception) -> int:
    """The HTTP status for an error."""
    if isinstance(error, CommandRefused):
        return error.status
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    status = status_of(error)
    if status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error, exc_info=status == 500)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"detail": str(error)}, status_code=status, headers=headers)


async def _unstorable(request: Request, error: Exception) -> JSONResponse:
    """PostgreSQL refuses NUL characters and numbers out of range."""
    cause = str(getattr(error, "orig", error)).splitlines()[0]
    return JSONResponse({"detail": f"a value cannot be stored: {cause}"}, status_code=400)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """What was sent is part of the answer, also where it is no JSON that could be sent back."""
    assert isinstance(error, RequestValidationError)
    found = [{**problem, "input": _sent(problem.get("input"))} for problem in error.errors()]
    return JSONResponse({"detail": json_safe(jsonable_encoder(found))}, status_code=422)


def _sent(value: object) -> object:
    return json_safe(value.decode(errors="replace") if isinstance(value, bytes) else value)
