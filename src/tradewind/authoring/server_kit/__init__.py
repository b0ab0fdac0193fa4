"""What provider packages build on of Airflow's own processes: commands, executors, logins, bundles.

All of it can be imported and derived from. What has a meaning without Airflow's processes works;
the rest says, when it is used, that Tradewind has no place for it and what to do instead.
"""
