"""The process that schedules: it carries events to `core` and core's Changes to the store.

Knows no scheduling rule, no SQL and no user code.
"""
