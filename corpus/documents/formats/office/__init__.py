"""Word, PowerPoint and Excel: what a reader sees of them, from their XML."""
