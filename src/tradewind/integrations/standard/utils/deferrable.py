"""What the argument `deferrable` is where it is not given."""

from tradewind.authoring import configuration


def default_deferrable() -> bool:
    """[operators] default_deferrable."""
    found: bool = configuration.conf.getboolean("operators", "default_deferrable", fallback=False)
    return found
