"""Mappers by the calendar."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "FanOutMapper": "tradewind:FanOutMapper",
        "StartOfDayMapper": "tradewind:StartOfDayMapper",
        "StartOfHourMapper": "tradewind:StartOfHourMapper",
        "StartOfMonthMapper": "tradewind:StartOfMonthMapper",
        "StartOfQuarterMapper": "tradewind:StartOfQuarterMapper",
        "StartOfWeekMapper": "tradewind:StartOfWeekMapper",
        "StartOfYearMapper": "tradewind:StartOfYearMapper",
    },
)
