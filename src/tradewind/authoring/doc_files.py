"""Documentation that is given as text, or as the name of a file that holds it."""

from pathlib import Path


def read_doc(doc_md: str | None, folder: str) -> str | None:
    """The text, or that of the file if it names a .md file."""
    if doc_md is not None and not isinstance(doc_md, str):
        raise TypeError(f"doc_md must be text or the name of a .md file, not {doc_md!r:.80}")
    if doc_md is None or not doc_md.endswith(".md") or "\n" in doc_md:
        return doc_md
    path = Path(folder) / doc_md
    return path.read_text(encoding="utf-8") if path.is_file() else doc_md
