"""PDF: the pieces of a page put into the order in which they are read."""
