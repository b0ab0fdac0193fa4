"""The decorators of `airflow.providers.standard`."""
