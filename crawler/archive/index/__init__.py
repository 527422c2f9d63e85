"""The index in state/, rebuilt from the files at will: addresses, duplicates, similarity, payloads, last captures."""
