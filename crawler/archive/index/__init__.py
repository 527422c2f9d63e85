"""The index in state/, rebuilt from the files if needed: addresses, duplicates, similarity, payloads, last captures."""
