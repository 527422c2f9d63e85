"""Scrapy hooks that observe or guard: they decide what may be asked for, and record what was."""
