"""The process that answers: the public REST API and who may use it. Runs no user code."""
