"""`citynews export`: the tables of an archive as CSV, JSON lines, a workbook, SQLite, DuckDB or Parquet."""
