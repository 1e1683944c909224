"""From what was found to a cited answer: the arms that read, quote or look up."""
