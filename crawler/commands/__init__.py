"""What each command does. `cli` parses and calls; nothing imports this room but `cli`."""
