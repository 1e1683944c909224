"""What the terminal shows: one screen a module, each drawing plain data with rich."""
