"""Which part of a page is the headline and which is the text of the article."""
