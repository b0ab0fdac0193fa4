"""The first schema, as SQL beside this file."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_FOLDER = Path(__file__).parent / "initial"


def upgrade() -> None:
    connection = op.get_bind()
    text = (_FOLDER / f"{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
