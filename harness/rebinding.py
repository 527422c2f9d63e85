"""The real command, with a name server that changes its answers.

``python rebinding.py crawl ...`` runs it.

The variable REBIND says what each name is answered with, one answer per question, the last one for all further ones:
``{"rebind.example": ["", "127.0.0.1"]}``. Nothing ("") is a name that is not known. Other names resolve as always.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections import Counter

COMMAND = (sys.executable, __file__)

_real = socket.gethostbyname
_asked: Counter[str] = Counter()


def answer(name: str) -> str:
    """In place of socket.gethostbyname, where Twisted meets the system's resolver."""
    answers = json.loads(os.environ["REBIND"]).get(name)
    if answers is None:
        return _real(name)
    _asked[name] += 1
    if found := str(answers[min(_asked[name], len(answers)) - 1]):
        return found
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


if __name__ == "__main__":
    socket.gethostbyname = answer
    from crawler.__main__ import main

    main()
