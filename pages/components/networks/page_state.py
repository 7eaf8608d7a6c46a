"""The keys of the parts of the Networks page, which keeps no state."""


def card_key(network: str) -> str:
    """The box of one network."""
    return f"card-{network}"


def curves_key(network: str) -> str:
    """The chart of one network's training."""
    return f"curves-{network}"
