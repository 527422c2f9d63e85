"""Hours of the day in which something does not happen: "22:00-06:30", in whatever zone the moment is given in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """From *begin* up to *end*, over midnight where *end* is the earlier one."""

    begin: time
    end: time

    @classmethod
    def of(cls, text: str) -> Hours:
        """The hours of "HH:MM-HH:MM". Raises ValueError."""
        match = _SPAN.fullmatch(text.strip())
        if match is None or match[1] + match[2] == match[3] + match[4]:
            raise ValueError(f'{text!r} is not a range of hours such as "22:00-06:00"')
        return cls(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))

    def hold(self, moment: datetime) -> bool:
        """Whether the wall clock of *moment* shows one of these hours."""
        now = moment.time()
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end
