"""The JSON records of an archive: their keys, types and schema, decisions, page notes, tombstones."""
