"""People as judges: what they are shown, what they say of answers, how far they agree, and what they answer themselves."""
