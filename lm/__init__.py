"""The one door to language models and embedders: catalogue, engines, prompts, answers. Knows nothing of retrieval."""
