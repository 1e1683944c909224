"""A project folder: its settings, its paths, its documents and what was decided in it."""
