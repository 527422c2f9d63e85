"""The other fields of an article, one module each: header lines, dates, people, links, images, counters."""
