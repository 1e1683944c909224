"""What runs a model: one module an engine, chosen in ``lm.models.load_model``."""
