"""Examples in, an adapter with versions and checks out. Knows nothing of retrieval: passages are handed in."""
