"""A question before it is answered: made to stand by itself, cut into the questions it asks."""
