"""Three sample portals that behave like real ones, served on loopback: for the demo, the tests and the documentation.

``sample-zhihui``   a mobile trade portal: view count glued to the time, full-width indents, articles over several pages
``sample-chengshi`` DedeCMS: declared gb2312 and sent as GB18030, text separated by <br>, a script that counts clicks
``sample-metro``    English: RSS, Atom, sitemaps, JSON-LD, ETag and 304, rounded view counts

Every city, company and person in them is invented, apart from one article (sample-zhihui).

>>> with Samples() as samples:
...     definitions = samples.write_definitions(folder)
...     truth = samples.stories("sample-zhihui")
"""

from crawler.samples.samples import Samples
from crawler.samples.server import LoggedRequest
from crawler.samples.sites import NAMES, stories
from crawler.samples.story import Story, StoryImage, StoryLink

__all__ = ["NAMES", "LoggedRequest", "Samples", "Story", "StoryImage", "StoryLink", "stories"]
