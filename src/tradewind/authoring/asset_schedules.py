"""Schedules made of assets, as users write them: `AssetOrTimeSchedule`, partitions of assets."""

from collections.abc import Collection, Mapping
from typing import Any

from tradewind.authoring.assets.asset import AssetAll, BaseAsset
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.partitions.mappers import IdentityMapper, PartitionMapper
from tradewind.model.errors import InvalidSchedule
from tradewind.timetables import (
    AssetOrTimeTimetable,
    AssetTriggeredTimetable,
    PartitionedAssetsTimetable,
    Timetable,
)

_HOME = "airflow.sdk.definitions.timetables.assets"


def condition_of(assets: object) -> BaseAsset:
    """One condition of an asset or a collection of them, which all must hold. Raises TypeError."""
    if isinstance(assets, BaseAsset):
        return assets
    if not isinstance(assets, Collection) or isinstance(assets, str | bytes):
        raise TypeError(f"a schedule of assets takes assets, not {assets!r}")
    return AssetAll(*assets)


def timetable_of_assets(schedule: Any) -> Timetable:
    """The timetable of `schedule=[asset, ...]`. Raises InvalidSchedule for what is no asset."""
    try:
        condition = condition_of(schedule)
    except TypeError as error:
        raise InvalidSchedule(
            f"schedule={schedule!r}: a list as a schedule must hold assets, references to assets "
            f"or aliases only ({error})"
        ) from None
    return AssetTriggeredTimetable(condition.as_expression())


class AssetOrTimeSchedule(AssetOrTimeTimetable):
    """Runs as `timetable` says, and whenever `assets` have been updated."""

    __module__ = _HOME
    only_spells_its_base = True
    """A Plan holds the base; this class only takes other arguments."""

    def __init__(
        self,
        *,
        timetable: Timetable,
        assets: Collection[BaseAsset] | BaseAsset | None = None,
        **kwargs: Any,
    ) -> None:
        assets = take_legacy(kwargs, {"datasets": "assets"}, "AssetOrTimeSchedule").get(
            "assets", assets
        )
        for name in kwargs:
            raise TypeError(f"AssetOrTimeSchedule got an unexpected argument {name!r}")
        if assets is None:
            raise TypeError("AssetOrTimeSchedule needs assets=")
        if not isinstance(timetable, Timetable):
            raise TypeError(
                f"AssetOrTimeSchedule: timetable must be a timetable, such as "
                f"CronTriggerTimetable('@daily', timezone='UTC'), not {timetable!r}"
            )
        self.asset_condition = condition_of(assets)
        super().__init__(self.asset_condition.as_expression(), timetable)


class PartitionedAssetTimetable(PartitionedAssetsTimetable):
    """A run for each key that all `assets` have; `partition_mapper_config` says for which assets
    another mapper than `default_partition_mapper` makes the key."""

    __module__ = _HOME
    only_spells_its_base = True
    """A Plan holds the base; this class only takes other arguments."""

    def __init__(
        self,
        assets: Collection[BaseAsset] | BaseAsset,
        partition_mapper_config: Mapping[BaseAsset, PartitionMapper] | None = None,
        default_partition_mapper: PartitionMapper = IdentityMapper(),  # noqa: B008 a constant
    ) -> None:
        self.asset_condition = condition_of(assets)
        self.partition_mapper_config = dict(partition_mapper_config or {})
        self.default_partition_mapper = default_partition_mapper
        for mapper in (*self.partition_mapper_config.values(), default_partition_mapper):
            if not isinstance(mapper, PartitionMapper):
                raise TypeError(
                    f"PartitionedAssetTimetable takes partition mappers, not {mapper!r}"
                )
        super().__init__(
            self.asset_condition.as_expression(),
            {
                "default": default_partition_mapper.as_data(),
                "by_asset": [
                    [asset.as_expression(), mapper.as_data()]
                    for asset, mapper in self.partition_mapper_config.items()
                ],
            },
        )
