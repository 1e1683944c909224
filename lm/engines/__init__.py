"""What runs a model: one module an engine, chosen in ``lm.engines.choose_engine``."""
