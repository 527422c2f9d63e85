"""Charts as SVG, drawn here: no script, no style of their own; colours come from classes, text stays text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 960  #: units of the drawing; it scales with the page
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 12, 26
_TICKS = 4
_LABEL_WIDTH = 118  #: units that a label of the time axis has
_CHARACTER = 7.5  #: units that a character of it takes, at most


_BAR = Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"/>')
_COLUMN = Markup('<rect class="column" x="{}" y="{}" width="{}" height="{}"/>')
_GRID = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}{}</text>')


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar: its label on the axis, its height, what is said of it, where it leads."""

    label: str
    value: float
    title: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class ShadedRange:
    """A shaded range of the axis, in units of it: bars from *begin* up to *end*, or x values."""

    begin: float
    end: float
    title: str
    kind: str = "gap"  #: CSS class


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A point of a line; with *low* and *high* the line has a band."""

    x: float
    y: float
    title: str
    low: float | None = None
    high: float | None = None


def bars(
    items: Sequence[ChartBar], name: str, *, spans: Sequence[ShadedRange] = (), height: int = 190, unit: str = ""
) -> Markup:
    """Bars along an axis, in the order given; *name* is what a screen reader says of the chart."""
    frame = _Frame(max((item.value for item in items), default=0), height, len(items) or 1)
    parts = [_shade(frame, span) for span in spans]
    for number, item in enumerate(items):
        left, right = frame.x(number), frame.x(number + 1)
        gap = min(1.5, (right - left) * 0.15)
        y = frame.y(item.value)
        drawn = _BAR.format(_n(left + gap / 2), _n(y), _n(max(right - left - gap, 0.3)), _n(frame.bottom - y))
        # the whole column can be hit, however low its bar
        drawn += _COLUMN.format(_n(left), _TOP, _n(right - left), _n(frame.bottom - _TOP))
        drawn = Markup("<title>{}</title>{}").format(item.title, drawn)
        if item.href is not None:
            drawn = Markup('<a href="{}">{}</a>').format(item.href, drawn)
        else:
            drawn = Markup("<g>{}</g>").format(drawn)
        parts.append(drawn)
    every = max(1, -(-len(items) * _LABEL_WIDTH // (WIDTH - _LEFT - _RIGHT)))
    labels = [(number + 0.5, item.label) for number, item in enumerate(items) if number % every == 0]
    return frame.drawn(parts, labels, name, unit, kind="plot newest")


def line(
    points: Sequence[ChartPoint], name: str, *, labels: Sequence[tuple[float, str]], x_range: tuple[float, float],
    height: int = 220, unit: str = "", spans: Sequence[ShadedRange] = (),
) -> Markup:  # fmt: skip
    """A line through *points* with its band; *labels*: of the axis, x and text."""
    top = max((point.high if point.high is not None else point.y for point in points), default=0)
    frame = _Frame(top, height, x_range[1] - x_range[0] or 1, x_range[0])
    parts = [_shade(frame, span) for span in spans]
    band = [(point.x, point.low, point.high) for point in points if point.low is not None and point.high is not None]
    if band:
        edge = [f"{_n(frame.x(x))},{_n(frame.y(high))}" for x, _, high in band]
        edge += [f"{_n(frame.x(x))},{_n(frame.y(low))}" for x, low, _ in reversed(band)]
        parts.append(Markup('<polygon class="band" points="{}"/>').format(" ".join(edge)))
    path = " ".join(f"{_n(frame.x(point.x))},{_n(frame.y(point.y))}" for point in points)
    parts.append(Markup('<polyline class="line" points="{}"/>').format(path))
    parts += [
        Markup('<circle class="dot" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>').format(
            _n(frame.x(point.x)), _n(frame.y(point.y)), point.title
        )
        for point in points
    ]
    return frame.drawn(parts, labels, name, unit)


def meter(value: float, most: float) -> Markup:
    """A small horizontal bar next to a number; says nothing to a screen reader, the number does."""
    width = 0 if most <= 0 else 60 * value / most
    return Markup(
        '<svg class="meter" viewBox="0 0 60 10" aria-hidden="true" focusable="false">'
        '<rect class="bar" width="{}" height="10" rx="2"/></svg>'
    ).format(_n(width))


class _Frame:
    """The plot's axes: values to places."""

    def __init__(self, top: float, height: int, length: float, begin: float = 0) -> None:
        self._step = _nice(top / _TICKS)
        self._top = max(self._step * -(-top // self._step), self._step)
        self._height, self._length, self._begin = height, length, begin
        self.bottom = height - _BOTTOM

    def x(self, value: float) -> float:
        return _LEFT + (value - self._begin) / self._length * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return self.bottom - value / self._top * (self.bottom - _TOP)

    def drawn(
        self, parts: Sequence[Markup], labels: Sequence[tuple[float, str]], name: str, unit: str, kind: str = "plot"
    ) -> Markup:
        lines = []
        value = 0.0
        while value <= self._top:
            y = _n(self.y(value))
            lines.append(
                _GRID.format(_LEFT, WIDTH - _RIGHT, y, y, _LEFT - 6, _n(self.y(value) + 4), f"{value:,g}", unit)
            )
            value += self._step
        reached = 0.0
        for x, label in labels:
            at = self.x(x)
            width = _CHARACTER * len(label)
            anchor, left = "middle", at - width / 2
            if left < _LEFT:
                anchor, left = "start", at
            elif left + width > WIDTH:
                anchor, left = "end", at - width
            if left < reached:
                continue  # it would run into the one before
            reached = left + width + _CHARACTER
            lines.append(
                Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(_n(at), self._height - 8, anchor, label)
            )
        # on a narrow screen it keeps a size that can be read, and is scrolled
        return Markup(
            '<div class="{}" tabindex="0" role="region" aria-label="{}">'
            '<svg class="chart" viewBox="0 0 {} {}" role="{}" aria-label="{}">{}</svg></div>'
        ).format(
            kind, escape(name), WIDTH, self._height,
            "group" if any("<a " in part for part in parts) else "img", escape(name),
            Markup("").join([*lines, *parts]),
        )  # fmt: skip


def _shade(frame: _Frame, span: ShadedRange) -> Markup:
    left, right = frame.x(span.begin), frame.x(span.end)
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>').format(
        span.kind, _n(left), _TOP, _n(max(right - left, 1)), _n(frame.bottom - _TOP), span.title
    )


def _nice(step: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... from *step* up."""
    if step <= 1:
        return 1
    size = 10.0 ** (len(str(int(step))) - 1)
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= step)


def _n(value: float) -> str:
    """A coordinate, short, and the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")
