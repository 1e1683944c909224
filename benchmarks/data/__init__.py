"""What the benchmarks make or share: files, documents, the starter."""
