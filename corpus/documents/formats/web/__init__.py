"""HTML and EPUB: the main text of a page under its headings."""
