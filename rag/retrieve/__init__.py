"""From a question to passages and sentences: scores, what examples teach them, what may be shown."""
