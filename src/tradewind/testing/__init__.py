"""Runs a DAG or one task in this process: for `dags test`, `DAG.test()` and users' own tests.

Decides nothing by itself: the same core and storage as in production, on a database in memory.
"""
