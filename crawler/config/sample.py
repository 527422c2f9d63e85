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
        "What `crawl` without names and `--all` mean: portals and groups. Default: every portal.",
        'choose = ["daily", "c114"]',
    ),
    "exclude": ("Portals that are crawled only when the command line names them.", 'exclude = ["qianjia"]'),
    "allow_hosts": ("HOST or HOST:PORT that may be reached though not public.", 'allow_hosts = ["news.internal"]'),
    "max_minutes": ("Minutes after which a run asks for nothing more; 0 is no end.", "max_minutes = 55"),
    "proxy": (
        "HTTP proxy for all requests, https by CONNECT; see docs/configure.md.",
        'proxy = "http://user:password@proxy.internal:3128"',
    ),
    "quiet_hours": (
        "Hours of each portal's own day in which nothing is asked of it.",
        'quiet_hours = "02:00-05:00"',
    ),
    "min_free": (
        "A crawl begins only with so much free on the archive's disk; K, M, G, T; 0 is any.",
        'min_free = "200M"',
    ),
    "max_archive": ("A crawl begins only while the archive has no more than this.", 'max_archive = "500G"'),
    "alarm_webhook": (
        "Address to which alarms are posted as JSON.",
        'alarm_webhook = "https://hooks.example.org/citynews"',
    ),
    "alarm_template": (
        "What alarm_webhook gets instead: JSON with {text} in it, such as group robots want; see docs/watch.md.",
        """alarm_template = '{"msgtype": "text", "text": {"content": "{text}"}}'""",
    ),
    "alarm_command": (
        "Command that gets the same JSON on its standard input, and its arguments; no shell.",
        'alarm_command = ["/usr/local/bin/tell", "--urgent"]',
    ),
    "alarm_after_hours": (
        "`citynews status --notify` raises an alarm when no crawl has ended for so many hours.",
        "alarm_after_hours = 26",
    ),
    "anchor": (
        "Command that gets each finished run file, to sign or stamp it, as its last argument; no shell.",
        '[anchor]\ncommand = ["/usr/local/bin/stamp"]',
    ),
    "store": (
        "Where archives live that several machines share, as --store says, and the server that has it.",
        '[store]\nurl = "s3://news/citynews"\nendpoint = "https://s3.example.org"\nregion = "us-east-1"\n'
        "allow_http = false\npath_style = true\nttl = 120",
    ),
    "hooks": (
        "A class of your own, module.Class beside this file, that sees each stored record; see docs/hooks.md.",
        '[hooks]\nstored = "myhooks.Stored"',
    ),
    "groups": (
        "Names for several portals: a group may be named where a portal may.",
        '[groups]\ndaily = ["afzhan", "c114"]',
    ),
    "portal": (
        "One table per portal. A portal that is not enabled is left out like an excluded one; `fix` is a class of your"
        ' own that corrects its records, `proxy` that of this portal ("" for none).',
        '[portal.gkzhan]\nenabled = false\nfix = "myhooks.FixGkzhan"',
    ),
    "queries": (
        "One table per saved query: what of each run has these words goes to an Atom file, and where you want;"
        " see docs/queries.md.",
        '[queries.traffic]\nwords = "智慧交通 OR 车联网"\ntitle = "智慧交通"\nportals = ["daily"]\n'
        'fields = ["title", "body"]\nwebhook = "https://hooks.example.org/traffic"\n'
        'command = ["/usr/local/bin/mail-matches"]',
    ),
}


def sample() -> str:
    """A citynews.toml that names every key with what it means, and sets none."""
    parts = ["# citynews.toml: the operator's choices. Every key is optional; take away the # before those to set.\n"]
    for key in File.model_fields:
        meaning, lines = _SAMPLE[key]
        parts.append(f"# {meaning}\n" + "".join(f"#{line}\n" for line in lines.split("\n")))
    return "\n".join(parts)
