"""What real Airflow answers, and what we do: the same DAG files, the same moments."""
