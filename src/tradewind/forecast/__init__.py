"""What will run: the scheduler's own `decide`, played ahead in virtual time. Nothing is executed.

Pure, as core is: the same state and durations give the same forecast.
"""
