"""The views of the Inside page, one file each, and those of the Data page."""
