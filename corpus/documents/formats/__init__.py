"""A folder for each family, a module for each format with ``read(file) -> Iterator[Part]``."""
