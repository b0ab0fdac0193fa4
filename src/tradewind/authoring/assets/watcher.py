"""AssetWatcher: something outside that makes events of an asset."""

from dataclasses import dataclass

from tradewind.authoring.triggers import BaseEventTrigger


@dataclass(unsafe_hash=True)
class AssetWatcher:
    """Waits with `trigger`; each of its events is one of the asset."""

    name: str
    trigger: BaseEventTrigger

    def __post_init__(self) -> None:
        if not isinstance(self.trigger, BaseEventTrigger):
            raise ValueError(
                f"AssetWatcher {self.name!r} needs a trigger that is a BaseEventTrigger, "
                f"not {self.trigger!r}"
            )


AssetWatcher.__module__ = "airflow.sdk.definitions.asset"
