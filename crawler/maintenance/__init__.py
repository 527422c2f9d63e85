"""Commands that prove or change what is archived already: verify, repair, seal, remove, adopt."""
