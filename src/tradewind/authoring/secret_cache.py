"""SecretCache: Variables and connection URIs remembered for the length of a parse."""

from typing import ClassVar


class SecretCache:
    """Off until `init`; each process has its own."""

    __module__ = "airflow.sdk.execution_time.cache"

    _kept: ClassVar[dict[tuple[str, str, str | None], str | None] | None] = None

    class NotPresentException(Exception):
        """Nothing is remembered under this key."""

    @classmethod
    def init(cls) -> None:
        """Begin to remember."""
        if cls._kept is None:
            cls._kept = {}

    @classmethod
    def reset(cls) -> None:
        """Forget everything, and stop."""
        cls._kept = None

    @classmethod
    def get_variable(cls, key: str, team_name: str | None = None) -> str | None:
        """The value remembered. Raises NotPresentException."""
        return cls._get("variable", key, team_name)

    @classmethod
    def get_connection_uri(cls, conn_id: str, team_name: str | None = None) -> str:
        """The URI remembered. Raises NotPresentException."""
        uri = cls._get("connection", conn_id, team_name)
        if uri is None:
            raise cls.NotPresentException
        return uri

    @classmethod
    def save_variable(cls, key: str, value: str | None, team_name: str | None = None) -> None:
        """Remember a value, None for a Variable that is not there."""
        cls._save("variable", key, team_name, value)

    @classmethod
    def save_connection_uri(cls, conn_id: str, uri: str, team_name: str | None = None) -> None:
        """Remember a URI; an empty one is not."""
        if uri:
            cls._save("connection", conn_id, team_name, uri)

    @classmethod
    def invalidate_variable(cls, key: str, team_name: str | None = None) -> None:
        """Forget a value."""
        if cls._kept is not None:
            cls._kept.pop(("variable", key, team_name), None)

    @classmethod
    def _get(cls, kind: str, key: str, team: str | None) -> str | None:
        if cls._kept is None or (kind, key, team) not in cls._kept:
            raise cls.NotPresentException
        return cls._kept[(kind, key, team)]

    @classmethod
    def _save(cls, kind: str, key: str, team: str | None, value: str | None) -> None:
        if cls._kept is not None:
            cls._kept[(kind, key, team)] = value
