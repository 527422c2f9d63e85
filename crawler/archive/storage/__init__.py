"""Files on disk: where each lies, appending and replacing them durably, month files, SQLite, the lock."""
