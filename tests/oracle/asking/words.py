"""Answers as JSON data."""

import re
from datetime import UTC


def text(moment):
    return None if moment is None else moment.astimezone(UTC).isoformat()


def shown(command):
    found = re.findall(r"(\w+)=(.*?)(?= \w+=|$)", command.removeprefix("echo "))
    return {name: value for name, value in found}
