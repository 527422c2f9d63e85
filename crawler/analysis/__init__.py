"""What an analyst asks an archive: tables with one meaning, their exports, and full-text search. Only reads archives.

``tables`` says what each table holds, ``snapshot`` which bytes of the archive they are made from, ``derive`` how. The
SQLite file that ``sqlite_store`` builds serves both `citynews search` and `citynews export --to sqlite`.
"""
