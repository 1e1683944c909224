"""Documents cut into passages and kept: Chroma, BM25, one finished state after another."""
