"""Drafts of definitions: what is found, what is learned, what they read."""
