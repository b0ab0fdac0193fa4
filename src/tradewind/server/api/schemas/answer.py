"""The base of all answers."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """What writes one is built when it is first needed: 60 ms and 1.5 MiB that most servers never
    need. Not for bodies and queries, about which pydantic would then warn in the middle of a
    request.
    """

    model_config = ConfigDict(defer_build=True)
