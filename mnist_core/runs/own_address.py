"""This computer's address in its network, by which the others of a class find it."""

import ipaddress
import socket

ELSEWHERE = "192.0.2.1"
"""An address for documentation, where nobody is: to ask which of our own addresses would be used, nothing is sent."""


def is_local(host: str) -> bool:
    """Whether a name or number is that by which a computer calls itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def own_address() -> str:
    """The address as a number, "" if the computer is in no network."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Connecting this kind of socket sends nothing.
            probe.connect((ELSEWHERE, 9))
            found = str(probe.getsockname()[0])
    except OSError:
        return ""
    return "" if is_local(found) or found == "0.0.0.0" else found
