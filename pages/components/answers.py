"""What a network can answer, as it stands below bars and beside rows."""

DIGITS = [str(digit) for digit in range(10)]
OTHER = "none"
