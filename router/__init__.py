"""Which arm answers a question, and why. Knows nothing of how arms answer."""
