"""Formats that are text already: Markdown, CSV, mail, plain text."""
