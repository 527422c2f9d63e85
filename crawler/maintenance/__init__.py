"""Commands that verify or change an existing archive: verify, repair, seal, remove, adopt, merge, pack."""
