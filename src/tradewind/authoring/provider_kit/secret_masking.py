"""`mask_secret` and `redact`: what a log shows instead of a secret.

The log of the running process says `use(...)`; what user code masks goes there as well.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradewind.model.secret_names import MASK, is_secret

Redactable = str | Mapping[Any, Any] | tuple[Any, ...] | list[Any]
Redacted = Redactable

_log_masks: Callable[[Iterable[str]], None] | None = None


def use(mask: Callable[[Iterable[str]], None]) -> None:
    """Tell `mask` every secret from now on."""
    global _log_masks
    _log_masks = mask


class SecretsMasker:
    """Knows secrets, and hides them in values."""

    __module__ = "airflow.sdk._shared.secrets_masker.secrets_masker"

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self.sensitive_variables_fields: list[str] = []

    def add_mask(self, secret: Any, name: str | None = None) -> None:
        """Hide a text, or in a dict or list every text; `name` says what it is called."""
        if isinstance(secret, Mapping):
            for key, value in secret.items():
                self.add_mask(value, key)
        elif isinstance(secret, str):
            if secret and (name is None or self.should_hide_value_for_key(name)):
                self._secrets.add(secret)
                if _log_masks is not None:
                    _log_masks([secret])
        elif isinstance(secret, Iterable):
            for value in secret:
                self.add_mask(value, name)

    def should_hide_value_for_key(self, name: Any) -> bool:
        """Whether what is called so is a secret."""
        return isinstance(name, str) and (
            is_secret(name)
            or any(word in name.lower() for word in self.sensitive_variables_fields if word)
        )

    def redact(
        self,
        item: Any,
        name: str | None = None,
        max_depth: int | None = None,
        replacement: str = MASK,
    ) -> Any:
        """A copy with `***` in place of secrets, down to `max_depth` (5 by default)."""
        return self._redact(item, name, 5 if max_depth is None else max_depth, replacement)

    def _redact(self, item: Any, name: Any, depth: int, mask: str) -> Any:
        if depth < 0:
            return item
        if isinstance(item, Mapping):
            return {
                key: self._redact(value, key if isinstance(key, str) else name, depth - 1, mask)
                for key, value in item.items()
            }
        if isinstance(item, str):
            if name is not None and item and self.should_hide_value_for_key(name):
                return mask
            for secret in sorted(self._secrets, key=len, reverse=True):
                item = item.replace(secret, mask)
            return item
        if isinstance(item, list | tuple | set):
            found = [self._redact(value, name, depth - 1, mask) for value in item]
            return found if isinstance(item, list) else type(item)(found)
        return item


_masker = SecretsMasker()


def secrets_masker() -> SecretsMasker:
    """The one of this process."""
    return _masker


def mask_secret(secret: Any, name: str | None = None) -> None:
    """Hide a secret in this task's log from now on."""
    _masker.add_mask(secret, name)


def redact(value: Any, name: str | None = None, max_depth: int | None = None) -> Any:
    """A copy with `***` in place of every known secret and under every secret-looking name."""
    return _masker.redact(value, name, max_depth)


def should_hide_value_for_key(name: Any) -> bool:
    """Whether what is called so is a secret."""
    return _masker.should_hide_value_for_key(name)
