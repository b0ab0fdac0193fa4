"""Secrets in answers: which fields hold one, and what stands in their place."""

from typing import Any

from tradewind.model.secret_names import MASK, is_secret


def mask(value: Any) -> Any:
    """JSON data with everything below a secret-looking key replaced."""
    if isinstance(value, dict):
        return {
            key: MASK if is_secret(key) and item not in (None, "") else mask(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [mask(item) for item in value]
    return value


def unmask(written: Any, stored: Any) -> Any:
    """`written` with each masked field as it stands in `stored`, where it stands there."""
    if isinstance(written, dict) and isinstance(stored, dict):
        return {
            key: stored[key]
            if item == MASK and is_secret(key) and key in stored
            else unmask(item, stored.get(key))
            for key, item in written.items()
        }
    if isinstance(written, list) and isinstance(stored, list):
        paired = [*stored, *[None] * len(written)]
        return [unmask(item, paired[place]) for place, item in enumerate(written)]
    return written
