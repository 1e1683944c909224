"""Files into documents: which files, in what encoding, of what format, each read in a process of its own."""
