"""`--format`: the text of a page and of an archived article, as text, Markdown and HTML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.archive.read.reader import Reader
from crawler.values.text import squash
from harness.command import citynews

PAGE = """<html><head><meta charset=utf-8><title>第一批信号灯见效_临江新闻网</title></head><body>
<h1>第一批信号灯见效</h1><div>2026-03-09 09:41 来源：临江晚报</div><div class=content>
<p>临江市数据局三月九日公布，全市第一批路口已换上会自己配时的信号灯。</p>
<h2>下一步</h2><ul><li>第二批路口将在入秋前完成改造，名单已经公布。</li></ul></div></body></html>"""
MARKDOWN = """# 第一批信号灯见效

临江市数据局三月九日公布，全市第一批路口已换上会自己配时的信号灯。

## 下一步

- 第二批路口将在入秋前完成改造，名单已经公布。
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGE, "utf-8")
    return path


def test_extract_writes_the_text_of_a_page(page: Path) -> None:
    url = ("--url", "http://linjiang.example/1.html")
    record = json.loads(citynews("extract", page, *url).out)
    assert citynews("extract", page, *url, "--format", "text").out == f"{record['body']}\n"
    assert citynews("extract", page, *url, "--format", "markdown").out == MARKDOWN
    assert "<h2>下一步</h2>" in citynews("extract", page, *url, "--format", "html").out


def test_what_is_no_article_has_no_text_either(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html><body><ul>" + "<li><a href=/a>栏目</a>" * 40, "utf-8")
    done = citynews("extract", tmp_path / "page.html", "--format", "markdown", code=3)
    assert done.out == ""
    assert "no article: list" in done.err


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--format", "pdf"], "one of json, text, markdown, html"),
        (["--format", "html", "--explain"], "without --format"),
    ],
)
def test_a_form_that_does_not_go_is_refused(page: Path, options: list[str], why: str) -> None:
    assert why in citynews("extract", page, *options, code=2).err


def test_a_batch_answers_with_records(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("", "utf-8")
    assert "for a single page" in citynews("extract", "--batch", tmp_path / "in.jsonl", "--format", "text", code=2).err


def test_show_reads_the_archived_page_again(archive_with_history: Path) -> None:
    record = next(iter(Reader(archive_with_history).articles()))
    where = (record["id"], "--output", archive_with_history)
    assert citynews("show", *where, "--format", "text").out == f"{record['body']}\n"
    shown = citynews("show", *where, "--format", "markdown").out
    assert shown.startswith(f"# {record['title']}\n\n")
    assert squash(record["body"] or "")[:80] in squash(shown)
    assert citynews("show", *where, "--format", "html").out.startswith("<article>\n<h1>")
