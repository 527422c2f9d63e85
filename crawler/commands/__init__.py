"""What each command does. cli.py parses and calls; nothing imports this room but cli.py."""
