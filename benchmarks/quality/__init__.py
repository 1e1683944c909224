"""How good answers and retrieval are, beside the strongest simple baseline."""
