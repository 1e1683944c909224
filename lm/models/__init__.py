"""Models as files: which there are, fetched, converted, checked, loaded."""
