"""Whether the fast tests notice faults in the logic of extraction."""
