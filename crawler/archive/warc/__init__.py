"""WARC 1.1 records and what they carry: HTTP messages, exchanges, revisits, conversions, CDXJ, WACZ, salvage."""
