"""What light modules say to the recorder of a load: `recording` puts one up, and does the rest."""

from typing import Protocol


class Notes(Protocol):
    """Where to note what a file depends on."""

    unwatchable: str | None

    def note_environment(self, name: str) -> None:
        """An environment variable counts."""
        ...


_notes: Notes | None = None


def put_up(notes: Notes | None) -> Notes | None:
    """Let `notes` hear from now on; the answer is who heard before."""
    global _notes
    before, _notes = _notes, notes
    return before


def note_environment(name: str) -> None:
    """The file that is being loaded depends on an environment variable."""
    if _notes is not None:
        _notes.note_environment(name)


def note_unwatchable(what: str) -> None:
    """The file that is being loaded depends on something whose change we cannot see."""
    if _notes is not None and _notes.unwatchable is None:
        _notes.unwatchable = what
