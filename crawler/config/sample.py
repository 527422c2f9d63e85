"""The sample citynews.toml: every key with what it means."""

from __future__ import annotations

from crawler.config.tables import File

#: Key -> what `citynews config --sample` says of it, and the line that it gives.
_SAMPLE = {
    "contact": (
        "Address in the User-Agent and in each WARC file, where a site can complain.",
        'contact = "https://example.org/crawler"',
    ),
    "output": ("The archive's folder, relative to where the command runs.", 'output = "output"'),
    "portals": ("Definitions besides the bundled ones: TOML files, or folders of them.", 'portals = ["portals"]'),
    "choose": (
        "Portals and groups that `--all`, and `crawl` without names, select. Default: every portal.",
        'choose = ["daily", "c114"]',
    ),
    "exclude": ("Portals that are crawled only when the command line names them.", 'exclude = ["qianjia"]'),
    "allow_hosts": (
        "HOST or HOST:PORT that may be reached although its address is not public.",
        'allow_hosts = ["news.internal"]',
    ),
    "max_minutes": ("Minutes after which a run starts no new requests; 0: no limit.", "max_minutes = 55"),
    "proxy": (
        "HTTP proxy for all requests, https by CONNECT; see docs/configure.md.",
        'proxy = "http://user:password@proxy.internal:3128"',
    ),
    "quiet_hours": (
        "Hours in each portal's time zone in which no requests are made.",
        'quiet_hours = "02:00-05:00"',
    ),
    "min_free": (
        "A crawl starts only with this much free space on the archive's disk; K, M, G, T; 0: no limit.",
        'min_free = "200M"',
    ),
    "max_archive": ("A crawl starts only if the archive is not larger than this.", 'max_archive = "500G"'),
    "alarm_webhook": (
        "URL to which alarms are posted as JSON.",
        'alarm_webhook = "https://hooks.example.org/citynews"',
    ),
    "alarm_template": (
        "JSON body containing {text} that alarm_webhook gets instead, for group chat bots; see docs/watch.md.",
        """alarm_template = '{"msgtype": "text", "text": {"content": "{text}"}}'""",
    ),
    "alarm_command": (
        "Command with its arguments that gets the same JSON on its standard input; no shell.",
        'alarm_command = ["/usr/local/bin/tell", "--urgent"]',
    ),
    "alarm_after_hours": (
        "`citynews status --notify` raises an alarm when no crawl has finished for this many hours.",
        "alarm_after_hours = 26",
    ),
    "anchor": (
        "Command that gets the path of each finished run file as its last argument, to sign or timestamp it; no shell.",
        '[anchor]\ncommand = ["/usr/local/bin/stamp"]',
    ),
    "store": (
        "Location of archives that several machines share, as for --store, and its server.",
        '[store]\nurl = "s3://news/citynews"\nendpoint = "https://s3.example.org"\nregion = "us-east-1"\n'
        "allow_http = false\npath_style = true\nttl = 120",
    ),
    "hooks": (
        "A class of your own, module.Class beside this file, that sees each stored record; see docs/hooks.md.",
        '[hooks]\nstored = "myhooks.Stored"',
    ),
    "groups": (
        "Named groups of portals; a group name can be used wherever a portal name can.",
        '[groups]\ndaily = ["afzhan", "c114"]',
    ),
    "portal": (
        "One table per portal. A portal with enabled = false is left out like an excluded one; `fix` is a class of your"
        ' own that corrects its records, `proxy` that of this portal ("" for none).',
        '[portal.gkzhan]\nenabled = false\nfix = "myhooks.FixGkzhan"',
    ),
    "queries": (
        "One table per saved query: matching pages of each run go to an Atom file, a webhook or a command;"
        " see docs/queries.md.",
        '[queries.traffic]\nwords = "智慧交通 OR 车联网"\ntitle = "智慧交通"\nportals = ["daily"]\n'
        'fields = ["title", "body"]\nwebhook = "https://hooks.example.org/traffic"\n'
        'command = ["/usr/local/bin/mail-matches"]',
    ),
}


def sample() -> str:
    """A citynews.toml that names every key with what it means, and sets none."""
    parts = ["# citynews.toml: the operator's choices. Every key is optional; remove the # before those to set.\n"]
    for key in File.model_fields:
        meaning, lines = _SAMPLE[key]
        parts.append(f"# {meaning}\n" + "".join(f"#{line}\n" for line in lines.split("\n")))
    return "\n".join(parts)
