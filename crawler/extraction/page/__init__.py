"""What a page is, before anything is read out of it: bytes, tree, lines of text, names of elements, metadata."""
