"""Documents in, retrieved passages and cited answers out. Knows nothing of training."""
