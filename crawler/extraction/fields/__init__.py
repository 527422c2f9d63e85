"""The other fields of an article, a module a question: header lines, dates, people, links, pictures, counters."""
