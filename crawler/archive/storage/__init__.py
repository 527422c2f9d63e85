"""Files on disk: their paths, durable append and replace, month files, SQLite, the lock."""
