"""A page before extraction: bytes, tree, lines of text, names of elements, metadata."""
