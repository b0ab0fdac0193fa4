"""EmailOperator: that of the provider package smtp, else the one that came with 2.x."""

try:
    from airflow.providers.smtp.operators.smtp import EmailOperator
except ImportError:
    from tradewind.integrations.email import EmailOperator

__all__ = ["EmailOperator"]
