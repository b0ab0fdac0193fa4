"""What commands are wired to: settings, database, key, and an answer from the scheduler."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import click

from tradewind.cli.moments import in_utc
from tradewind.config.load import load_settings
from tradewind.config.secrets import fernet_key
from tradewind.config.settings import Settings
from tradewind.model.clock import SystemClock
from tradewind.storage import schema
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher


@dataclass
class Wiring:
    """Opened as far as a command needs it, closed when the command ends."""

    settings: Settings

    @cached_property
    def database(self) -> Database:
        """The database, checked to be there and up to date."""
        database = Database(self.settings.database.url)
        click.get_current_context().call_on_close(database.close)
        schema.check(database)
        return database

    @cached_property
    def cipher(self) -> Cipher:
        """Encrypts and decrypts stored secrets."""
        return Cipher(fernet_key(self.settings))

    def now(self) -> datetime:
        return SystemClock().now()

    def moment(self, value: datetime) -> datetime:
        """A date given by the user, in UTC."""
        return in_utc(value, self.settings.core.default_timezone)


def wire() -> Wiring:
    """The surroundings of the command being run."""
    return Wiring(load_settings())
