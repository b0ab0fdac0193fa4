"""What every route is given: settings, the database, the clock, and what is made of them once."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from tradewind.config.settings import Settings
from tradewind.model.clock import Clock
from tradewind.server.auth.tokens import Tokens
from tradewind.server.commands import Commands
from tradewind.server.liveness import OwnWrites
from tradewind.server.plan_facts import PlanFactsCache
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Made once per process."""

    settings: Settings
    database: Database
    clock: Clock
    cipher: Cipher
    tokens: Tokens
    commands: Commands
    plan_facts: PlanFactsCache
    writes: OwnWrites = field(default_factory=OwnWrites)


async def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Here = Annotated[Services, Depends(_services)]
"""Parameter of a route that wants the Services."""
