"""The triggers of `airflow.providers.standard`."""
