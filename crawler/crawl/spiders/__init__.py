"""The spider of a portal and its loader: `scrapy list` prints the portals."""
