"""A site of generated pages such as a portal has, served by nginx on loopback."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.waiting import listens, until

PER_LIST = 100
_NGINX = """
{user} daemon off; pid {root}/nginx.pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 512; }}
http {{
  access_log off; types {{ text/html html; text/plain txt; }} charset utf-8; keepalive_requests 1000000;
  client_body_temp_path {root}/t; proxy_temp_path {root}/t; fastcgi_temp_path {root}/t; uwsgi_temp_path {root}/t;
  scgi_temp_path {root}/t;
  server {{ listen 127.0.0.1:{port}; root {root}/site; }}
}}
"""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """nginx over folder/site, empty yet. Needs nginx."""
    if shutil.which("nginx") is None:
        raise SystemExit("this benchmark serves its pages with nginx: apt-get install nginx-light")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker could not read a folder of ours
    (folder / "nginx.conf").write_text(_NGINX.format(root=folder, port=port, user=user))
    (folder / "site").mkdir()
    server = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        until(lambda: listens(port), "nginx listens")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def build(site: Path, pages: int) -> float:
    """Writes *pages* articles, no two alike, and their list pages; returns the mean size in bytes."""
    (site / "a").mkdir(parents=True, exist_ok=True)
    prefix = "" if site.name == "site" else f"/{site.name}"
    choose = random.Random(20240511)
    words = ["".join(choice for choice in choose.choices(CHARACTERS, k=choose.randint(2, 4))) for _ in range(4000)]
    size = 0
    for number in range(pages):
        data = article(choose, words, number, prefix).encode()
        size += len(data)
        (site / "a" / f"{number}.html").write_bytes(data)
    for number in range(1, (pages - 1) // PER_LIST + 2):
        shown = range((number - 1) * PER_LIST, min(number * PER_LIST, pages))
        links = "".join(
            f'<li><a href="{prefix}/a/{number}.html">{sentence(choose, words, 4)}</a></li>' for number in shown
        )
        more = f'<a class="next" href="{prefix}/list_{number + 1}.html">下一页</a>' if number * PER_LIST < pages else ""
        (site / f"list_{number}.html").write_text(f"<html><body><ul>{links}</ul>{more}</body></html>", "utf-8")
    (site / "robots.txt").write_text("User-agent: *\nAllow: /\n")
    return size / pages


def sentence(choose: random.Random, words: list[str], length: int) -> str:
    return "".join(choose.choices(words, k=length))


def article(choose: random.Random, words: list[str], number: int, prefix: str) -> str:
    """A page such as a portal has: menus, a header line, text, related links, a ranking, scripts, a footer."""
    menu = "".join(f'<li><a href="/c{n}/">{sentence(choose, words, 1)}</a></li>' for n in range(80))
    text = "".join(
        f"<p>　　{'，'.join(sentence(choose, words, choose.randint(3, 7)) for _ in range(10))}。</p>" for _ in range(12)
    )
    related = "".join(
        f'<li><a href="{prefix}/a/{n}.html">{sentence(choose, words, 5)}</a></li>'
        for n in choose.choices(range(100), k=8)
    )
    ranking = "".join(
        f'<li><span>{n}</span><a href="/r/{n}.html">{sentence(choose, words, 5)}</a></li>' for n in range(40)
    )
    script = "var _hmt = _hmt || [];" + "".join(f"function f{n}(a,b){{return a*{n}+b;}}\n" for n in range(280))
    return (
        f"<!DOCTYPE html><html lang='zh'><head><meta charset='utf-8'><title>{sentence(choose, words, 5)}_站</title>"
        f"<script>{script}</script><style>{'.x{color:red;margin:0 auto}' * 120}</style></head><body>"
        f"<div class='nav'><ul>{menu}</ul></div><div class='main'><h1>{sentence(choose, words, 5)}</h1>"
        f"<div class='info'>2024-05-11 08:42:{number % 60:02d}　来源：{sentence(choose, words, 1)}日报　"
        f"阅读：{number + 7}</div>"
        f"<div class='content'>{text}</div><div class='related'><h3>相关新闻</h3><ul>{related}</ul></div></div>"
        f"<div class='side'><h3>热门排行</h3><ol>{ranking}</ol></div>"
        f"<div class='footer'><ul>{menu}</ul></div></body></html>"
    )


CHARACTERS = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 2500))
