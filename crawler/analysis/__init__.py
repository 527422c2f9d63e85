"""What an archive says: references, histories, differences. Reads records through `archive.read`; writes none."""
