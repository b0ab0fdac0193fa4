"""`self.log` for operators and hooks."""

import logging


class LoggingMixin:
    """Gives a class a logger named after it."""

    __module__ = "airflow.utils.log.logging_mixin"

    _log: logging.Logger | None = None
    _log_config_logger_name: str | None = None
    _logger_name: str | None = None

    @classmethod
    def _logger_name_of_class(cls) -> str:
        return f"{cls.__module__}.{cls.__name__}"

    @property
    def log(self) -> logging.Logger:
        """The logger of this object."""
        if self._log is None:
            name = self._logger_name or self._logger_name_of_class()
            prefix = self._log_config_logger_name
            self._log = logging.getLogger(f"{prefix}.{name}" if prefix else name)
        return self._log

    @property
    def logger(self) -> logging.Logger:
        """The same as `log`."""
        return self.log
