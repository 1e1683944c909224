"""What the words are: documents, passages and examples; reading, splitting and keeping them. Knows nothing of models."""
