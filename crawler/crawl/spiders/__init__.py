"""The spider of a portal and how it is made: `scrapy list` prints the portals."""
