"""Which keys make up one."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DayWindow": "tradewind:DayWindow",
        "HourWindow": "tradewind:HourWindow",
        "MonthWindow": "tradewind:MonthWindow",
        "QuarterWindow": "tradewind:QuarterWindow",
        "SegmentWindow": "tradewind:SegmentWindow",
        "WeekWindow": "tradewind:WeekWindow",
        "Window": "tradewind:Window",
        "YearWindow": "tradewind:YearWindow",
    },
)
