"""Airflow's and its providers' own unit tests, run on us and on Airflow (`make conformance`).

The tests come from the package index into `.conformance/` and stay there; only the fixtures and the
helper modules that they import are ours (`shim/`).
"""
