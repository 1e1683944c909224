"""Personal data and secrets in texts: what they are, where they stand, what a policy makes of them."""
