"""The nouns every other package shares: ids, states, Plans, events, changes, errors.

Knows nothing of databases, processes, clocks or users' Python.
"""
