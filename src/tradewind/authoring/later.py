"""What is said of that which a later version will do."""


def later_feature(name: str) -> str:
    """What is said of a name that this version does not have."""
    return f"{name} is not available in this version of Tradewind"
