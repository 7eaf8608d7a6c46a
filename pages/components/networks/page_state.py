"""The keys of the parts of the Networks page, which keeps no state."""


def card_key(network: str) -> str:
    """The box of one network."""
    return f"card-{network}"


def curves_key(network: str) -> str:
    """The chart of one network's training."""
    return f"curves-{network}"


def export_key(network: str, file_format: str) -> str:
    """The button that downloads one network as a file of another program."""
    return f"export-{network}-{file_format}"
