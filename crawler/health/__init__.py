"""Whether a portal does well: expectations, coverage of fields, drift, notices. Knows no Scrapy."""
