"""Every example DAG file of real Airflow wheels, read by our loader: loads, or why not."""
