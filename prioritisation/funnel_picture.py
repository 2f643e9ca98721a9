"""The signature picture: where every idea went, drawn from the counts of the funnel's table.

Pure geometry. A funnel comes in as plain counts, positions and texts come out, and a template writes them
down as SVG. The kept flow runs straight down on one side; what does not go on peels off to the other side,
one branch for each reason, with its count and its words. Where the unit changes (ideas become initiatives)
the flow is broken and both counts are said.

Lengths are in SVG units, which are CSS pixels at the picture's natural size. Widths of flows are in
proportion to counts, with one scale for the whole picture. Texts are wrapped by an estimate of their width
that is on the wide side, so that they fit in all common system fonts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NotRequired, TypedDict

from prioritisation.text_lines import text_width, wrap


class Reason(TypedDict):
    code: str
    label: str
    count: int


class Loss(TypedDict):
    count: int
    reasons: list[Reason]


# "in" is a word of Python, hence the functional form.
Stage = TypedDict(
    "Stage",
    {
        "key": str,
        "unit": str,
        "label": str,
        "in": int,
        "out": int,
        "waiting": int,
        "reasons": list[Reason],
    },
)
Seam = TypedDict("Seam", {"from_unit": str, "out": int, "to_unit": str, "in": int})


class Funnel(TypedDict):
    """Counts of one funnel. `waiting` counts ideas that nobody has checked yet."""

    received: int
    not_eligible: Loss
    stages: list[Stage]
    seams: list[Seam]
    waiting: NotRequired[int]
    outcome: NotRequired[str]


class Words:
    """The words of the picture, in English. The template tag gives the same in the reader's language."""

    def number(self, n: int) -> str:
        return f"{n:,}"

    def received(self, n: int) -> str:
        return "idea received" if n == 1 else "ideas received"

    def texts_received(self, n: int) -> str:
        """Where tests or advertising came too: not all of what was received is an idea."""
        return "text received" if n == 1 else "texts received"

    def not_eligible(self, n: int) -> str:
        return f"{self.number(n)} not eligible"

    def left(self, n: int) -> str:
        return f"{self.number(n)} did not go on"

    def waiting(self, n: int) -> str:
        return "still waiting"

    def unit(self, unit: str, n: int) -> str:
        return f"{self.number(n)} {unit}"

    def seam(self, before: str, after: str) -> str:
        return f"{before} became {after}"

    def chosen(self, n: int) -> str:
        return "chosen"


@dataclass(frozen=True)
class Step:
    """One node of the funnel, and what happened to the things that came in: one row of the table."""

    label: str
    count: int
    out: int
    waiting: int
    reasons: tuple[Reason, ...]
    heading: str
    seam: str = ""
    seam_in: int = 0

    @property
    def left(self) -> int:
        return sum(reason["count"] for reason in self.reasons)


def steps(funnel: Funnel, words: Words) -> tuple[Step, ...]:
    """The funnel as rows, first the check on arrival, then each stage."""
    lost = funnel["not_eligible"]
    waiting = funnel.get("waiting", 0)
    received = words.texts_received if lost["count"] else words.received
    rows = [
        Step(
            label=received(funnel["received"]),
            count=funnel["received"],
            out=funnel["received"] - lost["count"] - waiting,
            waiting=waiting,
            reasons=tuple(lost["reasons"]),
            heading=words.not_eligible(lost["count"]) if lost["count"] else "",
        )
    ]
    stages = funnel["stages"]
    for stage, after in zip(stages, [*stages[1:], None], strict=True):
        crossing = None if after is None or after["unit"] == stage["unit"] else after
        left = sum(reason["count"] for reason in stage["reasons"])
        rows.append(
            Step(
                label=stage["label"],
                count=stage["in"],
                out=stage["out"],
                waiting=stage["waiting"],
                reasons=tuple(stage["reasons"]),
                heading=words.left(left) if left else "",
                seam=_seam(words, stage, crossing) if crossing else "",
                seam_in=crossing["in"] if crossing else 0,
            )
        )
    return tuple(rows)


def _seam(words: Words, before: Stage, after: Stage) -> str:
    return words.seam(words.unit(before["unit"], before["out"]), words.unit(after["unit"], after["in"]))


Kind = Literal["count", "label", "heading", "number", "reason", "seam"]


@dataclass(frozen=True)
class Line:
    """One line of text; y is its baseline."""

    x: float
    y: float
    text: str
    kind: Kind
    size: float
    anchor: Literal["start", "end"] = "start"

    @property
    def bold(self) -> bool:
        return self.kind in {"count", "heading", "number", "seam"}

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        width = text_width(self.text, self.size, bold=self.bold)
        left = self.x - width if self.anchor == "end" else self.x
        return left, self.y - 0.8 * self.size, left + width, self.y + 0.25 * self.size


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Flow:
    """A filled path; box is left, top, right, bottom."""

    path: str
    kind: Literal["kept", "lost", "waiting", "seam"]
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Layout:
    """Where things stand across the picture.

    With `aside`, a node's words stand left of the flow and end at that x; without, they stand right of it,
    above the branches.
    """

    width: float
    trunk_x: float
    trunk_width: float
    branch_x: float
    size: float
    count_size: float
    aside: float | None = None

    @property
    def line(self) -> float:
        return self.size * 1.3


WIDE = Layout(width=760, trunk_x=176, trunk_width=236, branch_x=452, size=16, count_size=30, aside=160)
NARROW = Layout(width=300, trunk_x=2, trunk_width=72, branch_x=98, size=16, count_size=22)

BAR = 7.0
TURN = 14.0
GAP = 9.0
HAIR = 1.5


@dataclass
class Picture:
    """What a template writes down as SVG."""

    width: float
    height: float = 0.0
    bars: list[Bar] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def draw(funnel: Funnel, layout: Layout, words: Words | None = None) -> Picture:
    """The picture of a funnel of any number of stages, as high as its texts need."""
    words = words or Words()
    rows = steps(funnel, words)
    last = rows[-1].out
    outcome = funnel.get("outcome") or words.chosen(last)
    return _Pen(layout, words, rows).draw(outcome)


class _Pen:
    """Goes down the page once. `y` is the first free height."""

    def __init__(self, layout: Layout, words: Words, rows: Sequence[Step]) -> None:
        self.at = layout
        self.words = words
        self.rows = rows
        most = max((max(row.count, row.out, row.seam_in) for row in rows), default=0)
        self.scale = layout.trunk_width / max(most, 1)
        self.picture = Picture(width=layout.width)
        self.y = 0.0
        counts = [reason["count"] for row in rows for reason in row.reasons] + [row.waiting for row in rows]
        texts = [words.number(count) for count in counts]
        self.number_width = max((text_width(text, layout.size, bold=True) for text in texts), default=0.0)

    def draw(self, outcome: str) -> Picture:
        flow_top: float | None = None
        flow_width, seam = 0.0, False
        for row in self.rows:
            bar_y, words_end = self._node(row.count, row.label, flow_top, flow_width, seam=seam)
            self._branches(row, bar_y + BAR, words_end if self.at.aside is None else 0.0)
            self.y = max(self.y, words_end)
            flow_top, flow_width, seam = bar_y + BAR, row.out * self.scale, bool(row.seam)
            if seam:
                flow_top = self._seam(row, flow_top)
        last = self.rows[-1].out
        _, words_end = self._node(last, outcome, flow_top, flow_width)
        self.picture.height = round(max(self.y, words_end) + 4, 1)
        return self.picture

    def _node(
        self, count: int, label: str, flow_top: float | None, flow: float, *, seam: bool = False
    ) -> tuple[float, float]:
        """A bar with its count and words, and the kept flow down to it. Returns its y and its words' end."""
        at = self.at
        bar_y = self.y + (GAP if flow_top is None else 2 * GAP)
        words = self._words_beside if at.aside is None else self._words_aside
        end = words(count, label, bar_y)
        width = count * self.scale
        if flow_top is not None and flow > 0:
            self._kept(flow_top, bar_y, flow, width, seam=seam)
        self._bar(bar_y, width)
        self.y = bar_y + BAR
        return bar_y, end

    def _words_beside(self, count: int, label: str, bar_y: float) -> float:
        """Count and label right of the bar: on one line if there is room, else one under the other."""
        at = self.at
        number = self.words.number(count)
        baseline = bar_y + at.count_size * 0.62
        self._line(at.branch_x, baseline, number, "count", at.count_size)
        beside = at.branch_x + text_width(number, at.count_size, bold=True) + 6
        lines = wrap(label, at.width - beside, at.size)
        if len(lines) > 1:
            beside, baseline = at.branch_x, baseline + at.line
            lines = wrap(label, at.width - beside, at.size)
        self._lines(beside, baseline, lines, "label")
        return baseline + (len(lines) - 1) * at.line + 1.5 * GAP

    def _words_aside(self, count: int, label: str, bar_y: float) -> float:
        at = self.at
        right = at.aside or 0.0
        baseline = bar_y + at.count_size * 0.62
        self._line(right, baseline, self.words.number(count), "count", at.count_size, "end")
        lines = wrap(label, right - 4, at.size)
        top = baseline + at.line
        self._lines(right, top, lines, "label", "end")
        return top + (len(lines) - 1) * at.line + GAP

    def _branches(self, row: Step, top: float, free: float) -> None:
        """What does not go on, from the outer edge inwards, so that no two branches cross.

        Flows start at `top`; on their side of the picture the words may start at `free`.
        """
        at = self.at
        edge = at.trunk_x + row.count * self.scale
        self.y = max(top + 3 * GAP, free)
        if not row.left and not row.waiting:
            return
        self.y = max(top + (GAP if row.heading else 2 * GAP), free)
        lines = wrap(row.heading, at.width - at.branch_x, at.size, bold=True)
        self._lines(at.branch_x, self.y + at.size, lines, "heading")
        self.y += len(lines) * at.line + GAP if lines else 0
        leaving = [(reason["count"], reason["label"], False) for reason in row.reasons]
        leaving.append((row.waiting, self.words.waiting(row.waiting), True))
        for count, label, waits in leaving:
            if count:
                self._branch(count, label, edge, top, waits)
                edge -= count * self.scale

    def _branch(self, count: int, label: str, edge: float, top: float, waits: bool) -> None:
        at = self.at
        text_x = at.branch_x + self.number_width + 8
        # The city writes some of these labels, so each begins as a line of its own.
        lines = wrap(label[:1].upper() + label[1:], at.width - text_x, at.size)
        thick = max(count * self.scale, HAIR)
        height = max(len(lines) * at.line, thick)
        middle = self.y + height / 2
        first = middle - len(lines) * at.line / 2 + at.size
        self._line(text_x - 8, first, self.words.number(count), "number", at.size, "end")
        self._lines(text_x, first, lines, "reason")
        self._bend(edge, top, middle - thick / 2, thick, "waiting" if waits else "lost")
        self.y += height + GAP

    def _seam(self, row: Step, flow_top: float) -> float:
        """The break where the unit changes. Returns where the next flow starts."""
        at = self.at
        top = self.y + GAP
        width = row.out * self.scale
        if width:
            self._kept(flow_top, top, width, width, seam=False)
        self._bar(top, width)
        lines = wrap(row.seam, at.width - at.branch_x, at.size, bold=True)
        height = max(len(lines) * at.line, 3 * at.line)
        first = top + BAR + height / 2 - len(lines) * at.line / 2 + at.size
        self._lines(at.branch_x, first, lines, "seam")
        self.y = top + BAR + height
        return top + BAR

    def _bar(self, y: float, width: float) -> None:
        if width:
            self.picture.bars.append(Bar(self.at.trunk_x, round(y, 1), round(max(width, HAIR), 1), BAR))

    def _kept(self, top: float, bottom: float, above: float, below: float, *, seam: bool) -> None:
        x = self.at.trunk_x
        half = (top + bottom) / 2
        path = (
            f"M{x:.1f} {top:.1f}H{x + above:.1f}"
            f"C{x + above:.1f} {half:.1f} {x + below:.1f} {half:.1f} {x + below:.1f} {bottom:.1f}H{x:.1f}Z"
        )
        box = (x, top, x + max(above, below), bottom)
        self.picture.flows.append(Flow(path, "seam" if seam else "kept", box))

    def _bend(self, edge: float, top: float, row_top: float, thick: float, kind: str) -> None:
        """A ribbon down from the bar, then in a quarter turn to the words on the right."""
        end = self.at.branch_x - 8
        inner, outer = TURN, TURN + thick
        left, turn, low = edge - thick, row_top - TURN, row_top + thick
        path = (
            f"M{left:.1f} {top:.1f}H{edge:.1f}V{turn:.1f}"
            f"A{inner:.1f} {inner:.1f} 0 0 0 {edge + TURN:.1f} {row_top:.1f}"
            f"H{end:.1f}V{low:.1f}H{edge + TURN:.1f}"
            f"A{outer:.1f} {outer:.1f} 0 0 1 {left:.1f} {turn:.1f}Z"
        )
        box = (left, top, end, low)
        self.picture.flows.append(Flow(path, "waiting" if kind == "waiting" else "lost", box))

    def _line(
        self,
        x: float,
        y: float,
        text: str,
        kind: Kind,
        size: float,
        anchor: Literal["start", "end"] = "start",
    ) -> None:
        self.picture.lines.append(Line(round(x, 1), round(y, 1), text, kind, size, anchor))

    def _lines(
        self,
        x: float,
        y: float,
        texts: Iterable[str],
        kind: Kind,
        anchor: Literal["start", "end"] = "start",
    ) -> None:
        for n, text in enumerate(texts):
            self._line(x, y + n * self.at.line, text, kind, self.at.size, anchor)
