"""The crawl: Scrapy spiders, frontier, downloader, middlewares and extensions."""
