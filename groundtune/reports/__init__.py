"""Decisions and comparisons in words (the views), and a decision as Markdown and as one HTML page. Decides nothing."""
