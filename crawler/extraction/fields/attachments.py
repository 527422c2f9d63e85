"""Files to which the text, or a block of attachments, links: 附件, PDF, DOC, XLS, ZIP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.article import Attachment
from crawler.extraction.page.hints import Hint
from crawler.extraction.page.lines import Line, Node
from crawler.extraction.text.reading import Reading
from crawler.values.text import line as tidy
from crawler.values.text import numbers_at

_TYPES = (
    "pdf|docx?|xlsx?|pptx?|wps|et|dps|ofd|ceb|rtf|odt|ods|odp|csv|txt|zip|rar|7z|tar|gz|tgz|dwg|epub|pages|numbers|key"
)
_ENDING = re.compile(rf"\.(?P<type>{_TYPES})$", re.IGNORECASE)
#: A name with its ending, within a title or the query of an address: "附件【目录.docx】", "?file=list.xls".
_NAMED = re.compile(rf"\.(?P<type>{_TYPES}|jpe?g|png)(?=$|[\s】\])）&?,，;；(（])", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?P<type>jpe?g|png|tiff?)$", re.IGNORECASE)
#: What hands out files whose address does not end as they do.
_HANDLER = re.compile(
    r"down_?load|attach|fujian|/files?/|[?&/](?:file|attach|annex)\w*[=/]|getfile|upload", re.IGNORECASE
)
_SAYS_FILE = re.compile(r"^\W{0,3}附件|附件下载|^\W{0,3}(?:attachment|annex|appendix)\b", re.IGNORECASE)
#: Titles that say nothing of the file.
_BUTTON = re.compile(
    r"^\W*(?:点击|点此|立即|本地|直接)?(?:下载|下載|查看|打开|预览|download|view|here|click here)?"
    r"(?:附件|文件|全文|原文)?\W*$",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"^\W{0,4}(?:相关)?(?:附件|附件下载|下载附件|附件列表|attachments?|downloads?|annex(?:es)?)\W{0,4}(?:下载)?\W{0,4}$",
    re.IGNORECASE,
)
#: One of these stands in every address that may be that of a file, by its ending or by what hands it out.
_MAY_END = re.compile(rf"\.(?:{_TYPES}|jpe?g|png|tiff?)(?![a-z])")
_MAY_HAND_OUT = ("%2e", "load", "attach", "fujian", "file", "annex")
#: One of these stands in every text that says it names a file.
_MAY_SAY = ("附件", "attachment", "annex", "appendix")
_MAY_SAY_BYTES = tuple(word.encode() for word in _MAY_SAY)
_BLOCK = re.compile(
    r"(?<![a-z])(?:attach(?:ment)?s?|fujian|annex(?:es)?|enclosures?|appendix|fj)(?![a-z])|attach", re.IGNORECASE
)
_ELSEWHERE = Hint.RELATED | Hint.RANKING | Hint.COMMENT | Hint.CHROME | Hint.SHARE | Hint.CRUMB
_BEHIND = 12  #: lines behind the text in which a block of attachments opens
_MOST = 100
_LONGEST_TITLE = 300
_LONGEST_HEADING = 16


def find_attachments(reading: Reading, container: Node | None) -> list[Attachment]:
    """The linked files in the text's *container*, and in a block that is named or headed as one.

    In page order, one per address.
    """
    headed = _headed(reading)
    attachments: dict[str, Attachment] = {}
    for anchor in _candidates(reading):
        file = _file(anchor, reading)
        if file is None or file.url in attachments or len(attachments) >= _MOST:
            continue
        node = reading.blocks.node(anchor)
        inside = container is not None and node.within(container)
        outer = container.hint if container is not None else 0
        if node.hidden or (node.hint & ~outer & _ELSEWHERE):
            continue
        if inside or anchor in headed or _in_block(anchor):
            attachments[file.url] = file
    return list(attachments.values())


def _candidates(reading: Reading) -> list[Any]:
    """The links that may be to files, by a glance at all addresses together: few pages have any."""
    anchors, addresses = reading.blocks.noted["a"], reading.blocks.addresses
    base = reading.page.base_url.lower()
    if any(word in base for word in _MAY_HAND_OUT):
        return anchors
    named = _named(addresses)
    saying = {anchor for anchor in anchors if anchor.get("download") is not None}
    # In bytes, whose lower case is that of ASCII: a tenth of the time, and no other letter becomes one of these words.
    texts = reading.linked_text.encode("utf-8", "replace").lower()
    if any(word in texts for word in _MAY_SAY_BYTES):
        linked = [line for line in reading.lines if line.linked]
        saying |= {link for line in linked if any(w in line.text.lower() for w in _MAY_SAY) for link in _links(line)}
    if not named and not saying:
        return []
    return [anchor for place, anchor in enumerate(anchors) if place in named or anchor in saying]


def _named(addresses: Sequence[str]) -> set[int]:
    """Which of *addresses* may end as a file does, or lead to what hands files out."""
    joined = "\0".join(addresses).lower()
    patterns = [_MAY_END, *(re.compile(word) for word in _MAY_HAND_OUT if word in joined)]
    return numbers_at(joined, [match.start() for pattern in patterns for match in pattern.finditer(joined)])


def _file(anchor: Any, reading: Reading) -> Attachment | None:
    """The file that *anchor* links, by the ending of its address, its name in the address or its title; else None."""
    href = anchor.get("href")
    url = reading.page.resolve(href)
    if not url:
        return None
    title = tidy("".join(anchor.itertext()))[:_LONGEST_TITLE]
    parts = urlsplit(url)
    path = unquote(parts.path)
    said = bool(_SAYS_FILE.search(title)) or anchor.get("download") is not None
    match = _ENDING.search(path) or (_PICTURE.search(path) if said else None) or _NAMED.search(unquote(parts.query))
    if match is None and (said or _HANDLER.search(url)):
        match = (
            _NAMED.search(title)
            or _NAMED.search(anchor.get("title") or "")
            or _NAMED.search(anchor.get("download") or "")
        )
        if match is None and not (said and _HANDLER.search(url)):
            return None
    if match is None and not said:
        return None
    kind = match["type"].lower() if match else None
    return Attachment(url, _title(anchor, title, path), kind)


def _title(anchor: Any, title: str, path: str) -> str | None:
    """What the page calls the file; its name in the address where the link says only "download"."""
    for text in (title, tidy(anchor.get("title") or ""), tidy(anchor.get("download") or "")):
        if text and not _BUTTON.match(text):
            return text[:_LONGEST_TITLE]
    name = tidy(path.rpartition("/")[2])
    return name if "." in name else title or None


def _headed(reading: Reading) -> set[Any]:
    """The links of the lines behind a line that says 附件 and nothing else, below the headline."""
    lines, body = reading.lines, reading.body.lines
    last = body[-1].index if body else -1
    links: set[Any] = set()
    for line in lines[max(0, (reading.title_at or 0)) : last + 1 + _BEHIND]:
        if len(line.text) <= _LONGEST_HEADING and _HEADING.match(line.text):
            for behind in lines[line.index : line.index + _BEHIND]:
                if behind is not line and not _links(behind):
                    break
                links |= _links(behind)
        elif line.index > last - _BEHIND and _SAYS_FILE.search(line.text[:20]):
            links |= _links(line)
    return links


def _links(line: Line) -> set[Any]:
    return {link for _, _, link in line.pieces if link is not None}


def _in_block(anchor: Any) -> bool:
    """Whether the link stands in an element that is named after attachments."""
    for element, _ in zip(anchor.iterancestors(), range(4), strict=False):
        if _BLOCK.search(f"{element.get('class') or ''} {element.get('id') or ''}"):
            return True
    return False
