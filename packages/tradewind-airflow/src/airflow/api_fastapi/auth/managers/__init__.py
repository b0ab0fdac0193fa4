"""Names of Airflow."""
