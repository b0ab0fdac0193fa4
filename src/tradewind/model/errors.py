"""What can go wrong, in three branches: the user's mistake, the surroundings, our own bug.

TradewindError
├── UserError                    shown as one message, no traceback
│   ├── InvalidDag               a DAG file says something impossible
│   ├── InvalidSchedule          a schedule nobody can follow
│   ├── InvalidSetting           a configuration option has a value it cannot have
│   ├── NotFound                 a dag_id, run_id, task_id ... that does not exist
│   ├── AlreadyExists            a run_id, a pool ... that is there already
│   └── Refused                  a command that cannot be carried out
├── EnvironmentFailure           the database, disk or network let us down
│   ├── DatabaseUnavailable
│   └── DatabaseNotMigrated
└── Bug                          our mistake: crash loudly
    ├── IllegalTransition
    └── StaleWrite               a compare-and-set missed: rebuild the fleet
"""


class TradewindError(Exception):
    """Base of all errors that Tradewind raises on purpose."""


class UserError(TradewindError):
    """Something the user wrote or asked for cannot be; the message says what would be right."""


class InvalidDag(UserError):
    """A DAG is not well formed."""


class InvalidSchedule(UserError):
    """A schedule cannot be followed."""


class InvalidSetting(UserError):
    """A configuration option has a value it cannot have."""


class NotFound(UserError):
    """The thing asked for does not exist."""


class AlreadyExists(UserError):
    """The thing to be made exists already."""


class Refused(UserError):
    """The command cannot be carried out as things stand."""


class EnvironmentFailure(TradewindError):
    """The surroundings failed; trying again later may help."""


class DatabaseUnavailable(EnvironmentFailure):
    """The database cannot be reached."""


class DatabaseNotMigrated(EnvironmentFailure):
    """The database has no or an older schema: run `tradewind db migrate`."""


class Bug(TradewindError):
    """A state that must not occur."""


class IllegalTransition(Bug):
    """A step that the transition table does not have."""


class StaleWrite(Bug):
    """A row was not in the state that the decision was made on."""
