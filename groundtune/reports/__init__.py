"""A decision as a document: Markdown and one self-contained HTML page. Draws the JSON of ``Decision``; decides nothing."""
