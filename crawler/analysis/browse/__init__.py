"""`citynews browse`: a local web application over an archive and its search index. Reads only."""
