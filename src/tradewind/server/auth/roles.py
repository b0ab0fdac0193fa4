"""Roles, permissions and which role has which. Knows neither users nor routes."""

from enum import IntEnum, StrEnum


class Role(IntEnum):
    """Each role may do all that the ones below it may."""

    VIEWER = 1
    USER = 2
    OP = 3
    ADMIN = 4


class Permission(StrEnum):
    """What a route asks for."""

    READ_DAGS = "read DAGs, runs, task instances, logs and XComs"
    EDIT_DAGS = "pause, trigger, clear and mark"
    READ_BACKFILLS = "read backfills"
    EDIT_BACKFILLS = "create, pause and cancel backfills"
    READ_ASSETS = "read assets, their events and what is queued"
    EDIT_ASSETS = "make events of assets, and forget what is queued"
    READ_POOLS = "read pools"
    EDIT_POOLS = "create, change and delete pools"
    USE_VARIABLES = "read and change variables"
    USE_CONNECTIONS = "read and change connections"


LEAST_ROLE: dict[Permission, Role] = {
    Permission.READ_DAGS: Role.VIEWER,
    Permission.EDIT_DAGS: Role.USER,
    Permission.READ_BACKFILLS: Role.VIEWER,
    Permission.EDIT_BACKFILLS: Role.OP,
    Permission.READ_ASSETS: Role.VIEWER,
    Permission.EDIT_ASSETS: Role.OP,
    Permission.READ_POOLS: Role.VIEWER,
    Permission.EDIT_POOLS: Role.OP,
    Permission.USE_VARIABLES: Role.OP,
    Permission.USE_CONNECTIONS: Role.OP,
}


def role_named(name: str) -> Role | None:
    """The role stored under `name` with a user, in any case; None if there is none."""
    return Role.__members__.get(name.upper())


def may(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission."""
    return role >= LEAST_ROLE[permission]
