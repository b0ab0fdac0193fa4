"""What a DAG file says, as data that can be stored: neither lone surrogates nor NUL characters.

SQLite takes no text with the first, PostgreSQL none with the second; either becomes an escape.
"""

from typing import Any


def storable_text(text: str) -> str:
    """`text` with what cannot be stored written as it would be in Python source."""
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def storable(data: Any) -> Any:
    """JSON data with every text in it storable."""
    if isinstance(data, str):
        return storable_text(data)
    if isinstance(data, list):
        return [storable(item) for item in data]
    if isinstance(data, dict):
        return {storable(key): storable(item) for key, item in data.items()}
    return data
