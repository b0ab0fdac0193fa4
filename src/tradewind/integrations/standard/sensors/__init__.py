"""The sensors of `airflow.providers.standard`."""
