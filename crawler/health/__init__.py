"""The health of portals: expectations, coverage of fields, drift, notices. Independent of Scrapy."""
