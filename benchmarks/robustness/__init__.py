"""What hostile, broken and unlucky input does."""
