"""The process that sees to it that triggers run: in a process of user code, which has no database.

It leaves what they say in the inbox, for the scheduler. It decides nothing.
"""
