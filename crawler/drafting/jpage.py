"""Lists of Hanweb's jpage: the page shows the first records, a script asks a proxy for the others."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from crawler.drafting.document import Document
from crawler.drafting.script_calls import FORM
from crawler.portals.sections import Api
from crawler.values import urls

_PROXY = re.compile(r"[\"']([^\"'\s]{0,200}dataproxy\.jsp)\b[^\"']{0,500}[\"']", re.IGNORECASE)
_PARAMETERS = re.compile(r"\b(?:ajaxParam|data|params?)\s*[:=]\s*\{([^{}]{1,2000})\}", re.IGNORECASE)
_PAIR = re.compile(r"[\"']?(\w{1,40})[\"']?\s*:\s*[\"']?([^\"',}\s]{0,200})[\"']?")
_PER_PAGE = re.compile(r"\bperPage\s*[:=]\s*[\"']?(\d{1,3})\b", re.IGNORECASE)
_GROUP = re.compile(r"\bgroupSize\s*[:=]\s*[\"']?(\d{1,2})\b", re.IGNORECASE)
USUAL = 15  #: records of a page where none is said


def asked(document: Document) -> Api | None:
    """What the script on the list page *document* asks its proxy; None where there is no such script."""
    text = document.page.text
    for proxy in _PROXY.finditer(text):
        url, parameters = urls.clean(proxy[1], document.url), _PARAMETERS.search(text)
        if url is None or parameters is None:
            continue
        size = int(match[1]) if (match := _PER_PAGE.search(text)) else USUAL
        group = int(match[1]) if (match := _GROUP.search(text)) else 1
        return Api(
            url=f"{url}?startrecord={{first}}&endrecord={{last}}&perpage={size}",
            method="POST",
            headers={"Content-Type": FORM},
            body=urlencode(_PAIR.findall(parameters[1])),
            per_page=size * group,
        )
    return None
