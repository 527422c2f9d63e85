"""Reading an archive: records, captures and their WARC files. Any number may read while one process writes."""
