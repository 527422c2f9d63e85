"""discover.urls: addresses that somebody else keeps, in every form that people keep them in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy.http import Request, TextResponse

from crawler import portals
from crawler.article import Refusal
from crawler.crawl.spiders.reading_list import addresses
from crawler.extraction import Page, extract
from crawler.values import address_lists
from harness import disk
from harness.command import Done, citynews
from harness.scripted import Answer, Scripted

ONE, TWO = "https://news.example.org/a/1.html", "https://news.example.org/a/art_2,3.html?x=1&y=2"
FORMS = {
    "lines": f"# mine\n{ONE}\n\n{TWO}\n",
    "lines with a comma first": f"{TWO}\n{ONE}\n",
    "lines of Windows": f"{ONE}\r\n{TWO}\r\n",
    "CSV with a header": f'title,url,when\n"A, b",{ONE},2026-01-01\n标题,"{TWO}",\n',
    "CSV without": f'{ONE},标题\n"{TWO}",另一个\n',
    "semicolons": f"Titel;Adresse\nA;{ONE}\nB;{TWO}\n",
    "semicolons without a header": f"{ONE};标题;2026-01-01\n{TWO};另一个;2026-01-02\n",
    "Markdown": f"- [标题]({ONE})，见 {TWO}。\n",
    "numbered": f"1. {ONE}\n2. <{TWO}>.\n",
    "a message": f"【链接】{ONE} 复制打开；另见{TWO}，谢谢\n",
    "a sitemap": f'<?xml version="1.0"?><urlset><url><loc>{ONE}</loc></url><url><loc>'
           f'{TWO.replace("&", "&amp;")}</loc></url></urlset>',
    "OPML": f'<?xml version="1.0"?><opml version="2.0"><body><outline text="x" url="{ONE}"/><outline text="y" '
           f'url="{TWO.replace("&", "&amp;")}"/></body></opml>',
    "capitals": f"URL\n{ONE.replace('https', 'HTTPS')}\n{TWO}\n",
    "tabs": f"{ONE}\t标题\n{TWO}\tb\n",
    "JSON lines of another crawler": f'{json.dumps({"url": ONE, "n": 1})}\n{json.dumps({"link": TWO})}\n',
    "JSON": json.dumps({"items": [{"url": ONE.replace("/", "\\/")}, {"url": TWO}]}).replace("\\\\/", "\\/"),
    "a page": f'<!doctype html><html><body><a href="{ONE}">x</a> <a href="{TWO.replace("&", "&amp;")}">y</a>',
    "RSS that names its encoding": '<?xml version="1.0" encoding="ENCODING"?><rss version="2.0"><channel><item><link>'
           f'{ONE}</link></item><item><link>{TWO.replace("&", "&amp;")}</link></item></channel></rss>',
    "RSS": f'<?xml version="1.0"?><rss version="2.0"><channel><item><link>{ONE}</link></item><item><link>'
           f'{TWO.replace("&", "&amp;")}</link></item></channel></rss>',
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, encoding: str) -> None:
    response = TextResponse(
        "https://lists.example.net/mine",
        body=FORMS[form].replace("ENCODING", encoding.removesuffix("-sig")).encode(encoding),
    )
    found = {link.url for link in addresses(response)}
    assert {ONE, TWO} <= found
    assert all(url in {ONE, TWO, TWO.partition(",")[0], f"{ONE},{'标题'}"} for url in found)


def crawl(folder: Path, *allowed: str, code: int | None = 0) -> Done:
    hosts = [word for host in allowed for word in ("--allow-host", host)]
    return citynews("crawl", "scripted", "--portals", "scripted.toml", "--output", "archive", "-s", "RETRY_TIMES=0",
                    "--json", *hosts, code=code, cwd=folder)  # fmt: skip


def test_lists_on_another_host_and_in_a_file(server: Scripted, tmp_path: Path) -> None:
    for name in ("one", "two", "three", "four"):
        server.article(f"/a/{name}")
    with Scripted() as other:
        other.pages["/list.csv"] = Answer(f"title,url\nx,{server.base}/a/one\ny,https://elsewhere.example/a/no\n".encode(),
                                          headers={"Content-Type": "text/csv"})  # fmt: skip
        other.pages["/rss"] = Answer(
            f"<rss><channel><item><link>{server.base}/a/two</link></item></channel></rss>".encode(),
            headers={"Content-Type": "application/rss+xml"},
        )
        (tmp_path / "mine.txt").write_text(f"{server.base}/a/three\n", "utf-8")
        server.definition(tmp_path, discover=f'urls = ["{other.base}/list.csv", "{other.base}/rss", "file:mine.txt"]')
        done = crawl(tmp_path, server.host, other.host)
        assert {Path(r["url"]).name for r in disk.records(tmp_path / "archive", "articles")} == {"one", "two", "three"}
        assert done.summary["portals"]["scripted"]["discovery"]["answered"] == 3
        assert other.paths().count("/robots.txt") == 1, "its rules are asked for, and it is asked gently"
        (tmp_path / "mine.txt").write_text(f"{server.base}/a/three\n{server.base}/a/four\n", "utf-8")
        assert crawl(tmp_path, server.host, other.host).summary["portals"]["scripted"]["outcomes"] == {"new": 1}
        (tmp_path / "mine.txt").unlink()
        done = crawl(tmp_path, server.host, other.host)
        assert "file:mine.txt: No such file or directory" in done.err
        assert done.summary["portals"]["scripted"]["failing"]["file:mine.txt"]["reason"] == "no-file"
        asked = len(other.asked)
        crawl(tmp_path, server.host, code=None)
        assert len(other.asked) == asked, "a host that is not public is not asked for a list either"
    citynews("verify", "--output", tmp_path / "archive")


def test_a_list_alone_that_is_not_there_is_no_discovery(server: Scripted, tmp_path: Path) -> None:
    server.definition(tmp_path, discover='urls = ["file:nowhere.txt"]')
    said = crawl(tmp_path, server.host, code=3).err
    assert "no discovery page answered" in said
    assert "file:nowhere.txt: No such file" in said


def test_a_local_list_that_is_too_large_is_not_cut(server: Scripted, tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("w", encoding="utf-8") as file:
        file.write(f"{server.base}/a/one\n")
        file.truncate(address_lists.LARGEST + 1)
    server.definition(tmp_path, discover='urls = ["file:huge.txt"]')
    said = crawl(tmp_path, server.host, code=3).err
    assert "file:huge.txt: more than 16 MiB" in said
    assert server.asked == []


WECHAT = """name = "wechat-cities"
title = "智慧城市公众号"
home = "https://mp.weixin.qq.com/"
domains = ["mp.weixin.qq.com"]
language = "zh"
timezone = "Asia/Shanghai"
family = "wechat"

[discover]
urls = ["file:wechat.txt"]
"""
ARTICLE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title></title>
<meta property="og:title" content="某市发布数字孪生方案" /><meta property="og:article:author" content="{author}" />
</head><body id="activity-detail"><div id="js_article" class="rich_media"><div id="img-content" class="rich_media_wrp">
<h1 class="rich_media_title" id="activity-name">
某市发布数字孪生方案</h1><div id="meta_content" class="rich_media_meta_list">
<span id="copyright_logo" class="rich_media_meta">原创</span>
<span class="rich_media_meta rich_media_meta_text">{author}</span>
<span class="rich_media_meta rich_media_meta_nickname" id="profileBt"><a href="javascript:void(0);" id="js_name">
 智慧城市研究 </a></span><em id="publish_time" class="rich_media_meta rich_media_meta_text"></em></div>
<div class="rich_media_content" id="js_content" style="visibility: hidden;">
<section><p>近日，某市发布数字孪生城市建设方案，提出到2027年建成全市统一的城市信息模型平台，覆盖规划、建设、管理。</p></section>
<section><p>方案要求各区按照统一标准开展数据治理，推动政务数据共享，优先支持交通、水务、应急三个领域的示范应用。</p></section>
</div></div></div><script>var ct = "1700123456"; var createTime = '2023-11-16 16:30'; var nickname = "智慧城市研究";
</script></body></html>"""


@pytest.mark.parametrize("author", ["李明", ""])
def test_wechat(author: str, tmp_path: Path) -> None:
    """The shape of its pages, and the addresses by which people pass them on."""
    (tmp_path / "wechat.toml").write_text(WECHAT, "utf-8")
    portal = portals.read(tmp_path / "wechat.toml")
    long = "http://mp.weixin.qq.com/s?__biz=MzA4&mid=265&idx=1&sn=ab12&chksm=88c&scene=21#wechat_redirect"
    response = TextResponse("file:wechat.txt", body=f"{long}\nhttps://mp.weixin.qq.com/s/a-B_9\nhttps://mp.weixin.qq.com/mp/x"
                            .encode(), request=Request("file:///wechat.txt"))  # fmt: skip
    known = [portal.bare(link.url)[0] for link in addresses(response)]
    assert [url for url in known if portal.is_article(url)] == [
        "http://mp.weixin.qq.com/s?__biz=MzA4&mid=265&idx=1&sn=ab12", "https://mp.weixin.qq.com/s/a-B_9"
    ]  # fmt: skip
    (tmp_path / "page.html").write_text(ARTICLE.format(author=author), "utf-8")
    done = citynews("extract", "page.html", "--url", known[1], "--portals", "wechat.toml", "--portal", "wechat-cities",
                    "--fetched-at", "2023-11-20T00:00:00Z", cwd=tmp_path)  # fmt: skip
    record = json.loads(done.out)
    wanted = ("某市发布数字孪生方案", "智慧城市研究", author or None, "2023-11-16T16:30:00+08:00")
    assert tuple(record[key] for key in ("title", "source", "author", "published_at")) == wanted
    assert len(record["body"].split("\n\n")) == 2


PRINTED = ARTICLE.replace('<meta property="og:article:author" content="{author}" />', "").replace("{author}", "李明")
PICTURE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title></title><meta property="og:title"
content="一图读懂" /></head><body><div id="js_article" class="share_content_page"><div id="js_image_desc">一图读懂：某市
数字孪生城市建设方案发布，提出到2027年建成全市统一的城市信息模型平台，覆盖规划建设管理各领域。</div><div
class="account_nickname_inner">智慧城市研究</div></div><script>
window.cgiDataNew = {create_time: '2023-11-16 16:30', nick_name: '智慧城市研究'};</script></body></html>"""
MESSAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title></title></head><body><div class="weui-msg">
<h2 class="weui-msg__title">{}</h2><p class="weui-msg__desc">{}</p></div></body></html>"""


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        (PRINTED, ("某市发布数字孪生方案", "智慧城市研究", "李明", "2023-11-16T16:30:00+08:00")),
        (PICTURE, ("一图读懂", "智慧城市研究", None, "2023-11-16T16:30:00+08:00")),
        (MESSAGE.format("该内容已被发布者删除", ""), "error-page"),
        (MESSAGE.format("此内容因违规无法查看", "由用户投诉并经平台审核，涉嫌违反相关法律法规和政策"), "error-page"),
        (MESSAGE.format("该公众号已迁移", "该公众号已迁移至新的账号，原账号已回收"), "error-page"),
        (MESSAGE.format("环境异常", "当前环境异常，完成验证后即可继续访问。"), "bot-wall"),
    ],
    ids=["an author that is only printed", "pictures", "deleted", "taken down", "moved", "a click is asked for"],
)
def test_pages_of_wechat(html: str, wanted: tuple[str | None, ...] | str, tmp_path: Path) -> None:
    (tmp_path / "wechat.toml").write_text(WECHAT, "utf-8")
    portal = portals.read(tmp_path / "wechat.toml")
    page = Page(html.encode(), url="https://mp.weixin.qq.com/s/x", fetched_at=datetime(2023, 11, 20, tzinfo=UTC),
                portal=portal)  # fmt: skip
    found = extract([page])
    if isinstance(found, Refusal):
        assert found.reason == wanted
    else:
        assert (found.title, found.source, found.author, found.published_at) == wanted
