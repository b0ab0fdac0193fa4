"""The hooks of `airflow.providers.standard`."""
