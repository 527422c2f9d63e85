"""The writer: captures, decisions, lines and index in their order of durability; recovery; reindex."""
