"""The public REST API under /api/v2, one file per resource, as Airflow's clients know it."""
