"""Pages that show their text only to a browser: `render = true`. Needs the extra `[browser]` and a Chromium.

The browser has no network. Every request it makes is answered by the crawl itself, through the same guard, robots.txt,
pace and capture as any other, so nothing is asked for that is not archived, and no page can reach what a crawl may not.
"""
