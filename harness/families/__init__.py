"""Three invented portals: of a DedeCMS kind in GB2312, of a WordPress kind in English, of a government's TRS kind."""

from __future__ import annotations

from harness.families import dedecms, government, wordpress

PORTALS = {"dedecms": dedecms.portal, "wordpress": wordpress.portal, "government": government.portal}
