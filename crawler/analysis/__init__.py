"""Analysis of an archive: tables with one meaning, exports, full-text search, differences. Never writes to it.

``tables`` says what each table holds, ``snapshot`` which bytes of the archive they are made from, ``derive`` how. The
SQLite file that ``sqlite_store`` builds serves both `citynews search` and `citynews export --to sqlite`.
"""
