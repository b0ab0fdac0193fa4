"""What needs no outside service: shell commands, Python functions, nothing at all."""

from tradewind.integrations.standard.operators.bash import BashOperator
from tradewind.integrations.standard.operators.empty import EmptyOperator
from tradewind.integrations.standard.operators.python import PythonOperator

__all__ = ["BashOperator", "EmptyOperator", "PythonOperator"]
