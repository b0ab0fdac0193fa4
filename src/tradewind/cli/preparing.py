"""What must be there before the components of `standalone` begin: folders, database, first user."""

from typing import Any

from tradewind.config.airflow_package import check_airflow_package
from tradewind.config.settings import Settings
from tradewind.model.clock import SystemClock
from tradewind.server.auth.first_user import create_first_user
from tradewind.storage import leader, schema
from tradewind.storage.database import Database


def prepare(settings: Settings) -> dict[str, Any] | None:
    """Make what is missing; the first user, if there was none.

    Raises Refused if a scheduler runs on this database already.
    """
    check_airflow_package()
    for folder in (settings.core.dags_folder, settings.core.plugins_folder):
        folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database.url)
    try:
        slots = settings.core.default_pool_task_slot_count
        schema.create_or_upgrade(database, default_pool_slots=slots)
        # a scheduler of somebody else's would make everything look healthy
        leader.lock_beside(database).close()
        user = create_first_user(database, settings.home, now=SystemClock().now())
    finally:
        database.close()
    if user is None:
        return None
    kept_in = None if user.password_file is None else str(user.password_file)
    return {"username": user.username, "password": user.password, "kept_in": kept_in}
