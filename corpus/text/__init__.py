"""Texts by themselves: sentences, numbers, likeness, refusals. Knows nothing of files."""
