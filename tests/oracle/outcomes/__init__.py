"""What becomes of a DAG's tasks: ours compared with what real Airflow made of the same file."""
