"""The views of the Inside and the Data page, one file each."""
