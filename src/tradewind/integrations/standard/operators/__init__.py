"""The operators of `airflow.providers.standard`."""
