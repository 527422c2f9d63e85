"""Scrapy downloader middlewares: capture, conditional requests, robots.txt, the request budget."""
