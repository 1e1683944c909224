"""Arms and held-out questions in, metrics with significance and cost out. Knows nothing of how arms answer."""
