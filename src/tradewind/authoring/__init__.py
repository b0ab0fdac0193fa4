"""What users write: DAGs, operators, @task, and how they become Plans.

Knows `model`, `timetables` and `config`; nothing of databases, processes or scheduling decisions.
"""
