"""The text of an article with its structure: headings, lists, quotes, tables, code, links, pictures; and its forms."""

from crawler.extraction.formats.build import structured
from crawler.extraction.formats.model import FORMS, Block, Form, Group, Span, Structured
from crawler.extraction.formats.render import render

__all__ = ["FORMS", "Block", "Form", "Group", "Span", "Structured", "render", "structured"]
