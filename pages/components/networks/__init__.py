"""The parts of the Networks page."""
