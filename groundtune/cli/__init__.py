"""The command line: options in, a job called, a screen or JSON out."""
