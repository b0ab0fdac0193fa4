"""What the argument `deferrable` is where it is not given."""

from tradewind.authoring import configuration


def default_deferrable() -> bool:
    """[operators] default_deferrable."""
    return configuration.current().operators.default_deferrable
