from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.strip import Strip

from dashboard.tui import line_pieces, plot, strokes
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.plot import render_plot, time_at
from dashboard.view.chart import Bounds, Kind, Level, Line, MarkLine, PlotSpec, Role, Unit

NAN = math.nan
COLOURS = {name: Style(color=f"color({20 + index})") for index, name in enumerate((*Role, "axis", "mark", "level"))}


def line(*ys: float, role: Role = Role.AVG, kind: Kind = Kind.INTERVAL, right: bool = False) -> Line:
    return Line(role.value, role, kind, tuple(map(float, range(len(ys)))), ys, right)


def spec(*lines: Line, **changes: object) -> PlotSpec:
    length = max((len(each.xs) for each in lines), default=1)
    labels = tuple((float(x), f"{x}s") for x in range(0, length, 10))
    made = PlotSpec(lines, 0.0, float(length), Unit.MILLISECONDS, x_labels=labels, empty="nothing yet")
    return replace(made, **changes)  # type: ignore[arg-type]


def draw(what: PlotSpec, width: int = 60, height: int = 14, glyphs: Glyphs = Glyphs.BRAILLE) -> list[str]:
    return [strip.text for strip in render_plot(what, width, height, COLOURS, glyphs)]


def canvas(rows: list[str]) -> list[str]:
    """The part that is drawn on: right of the left axis, without legend and time."""
    return [row.split("│", 1)[-1].split("┤", 1)[-1] for row in rows[1:-2]]


def dots(rows: list[str]) -> Iterator[tuple[int, int]]:
    """Column and row of the cells with braille dots."""
    for y, row in enumerate(rows):
        for x, character in enumerate(row):
            if 0x2800 < ord(character) < 0x2900:
                yield x, y


FLAT = spec(line(*[100.0] * 50))


@pytest.mark.parametrize("glyphs", Glyphs)
@pytest.mark.parametrize("width", [1, 2, 3, 7, 8, 12, 23, 24, 40, 118])
@pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 8, 9, 20])
def test_every_strip_has_its_width_at_every_size(glyphs: Glyphs, width: int, height: int) -> None:
    full = spec(
        line(*[float(i % 7) for i in range(60)], NAN, 3.0),
        line(*[float(i) for i in range(60)], role=Role.VUS, kind=Kind.NOW, right=True),
        marks=(MarkLine(5.0, "日本"), MarkLine(30.0, "outage", is_bad=True)),
        levels=(Level(5.0, "p(95)<5"), Level(900.0, "far away")),
    )
    for what in (full, spec()):
        strips = render_plot(what, width, height, COLOURS, glyphs)
        assert [strip.cell_length for strip in strips] == [width] * height
        assert all(Strip(list(strip)).cell_length == width for strip in strips)  # counted, not claimed


def test_no_size_no_strips() -> None:
    assert render_plot(FLAT, 0, 5, {}, Glyphs.ASCII) == render_plot(FLAT, 5, 0, {}, Glyphs.ASCII) == []


def test_ascii_is_ascii() -> None:
    rows = draw(
        spec(line(1.0, 5.0, NAN, 3.0, kind=Kind.CUMULATIVE), line(*[2.0] * 40), levels=(Level(4.0, "limit"),)),
        glyphs=Glyphs.ASCII,
    )
    assert "".join(rows).isascii()


def test_a_constant_is_a_straight_line_at_its_height() -> None:
    rows = canvas(draw(replace(FLAT, bounds=Bounds(0, 100))))
    assert {y for _, y in dots(rows)} == {0}
    rows = canvas(draw(replace(FLAT, bounds=Bounds(0, 1e6))))
    assert {y for _, y in dots(rows)} == {len(rows) - 1}


def test_a_gap_is_drawn_as_a_gap() -> None:
    with_gap = canvas(draw(spec(line(*[50.0] * 20, *[NAN] * 20, *[50.0] * 20))))
    columns = {x for x, _ in dots(with_gap)}
    width = len(with_gap[0])
    assert columns
    assert not columns & set(range(width * 2 // 5, width * 3 // 5))


def test_a_spike_of_one_second_survives_an_hour() -> None:
    ys = [10.0] * 3600
    ys[1800] = 1000.0
    rows = canvas(draw(spec(line(*ys))))
    assert any(y == 0 for _, y in dots(rows))


def test_a_single_point_is_seen() -> None:
    assert len(list(dots(canvas(draw(spec(line(NAN, 5.0, NAN, NAN))))))) == 1


@pytest.mark.parametrize("glyphs", Glyphs)
def test_single_points_look_as_plotext_draws_them(monkeypatch: pytest.MonkeyPatch, glyphs: Glyphs) -> None:
    one = line(*(x % 13 if x % 2 else NAN for x in range(120)))
    other = line(*(x % 7 if x % 3 == 1 else NAN for x in range(120)), role=Role.P95)

    def drawn() -> list[str]:
        plot._render.cache_clear()  # pyright: ignore[reportPrivateUsage]
        line_pieces._kept.clear()  # pyright: ignore[reportPrivateUsage]
        return draw(spec(one, other), 90, 12, glyphs)

    def no_spots(job: strokes.Job) -> tuple[str, ...] | None:
        return None if job.runs else ()

    with monkeypatch.context() as patch:
        patch.setattr(strokes, "_spots", no_spots)
        by_plotext = drawn()
    monkeypatch.delattr(strokes, "load_plotext")
    assert drawn() == by_plotext


@pytest.mark.parametrize("values", [(NAN, NAN), (math.inf, -math.inf), ()])
def test_without_a_point_it_says_why(values: tuple[float, ...]) -> None:
    rows = draw(spec(line(*values)), 30, 7)
    assert rows[3].strip() == "nothing yet"
    assert rows[3].index("n") == (30 - len("nothing yet")) // 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats() | st.just(NAN), max_size=40),
    st.integers(1, 60),
    st.integers(1, 20),
    st.sampled_from(Glyphs),
)
def test_no_value_breaks_a_drawing(ys: list[float], width: int, height: int, glyphs: Glyphs) -> None:
    strips = render_plot(spec(line(*ys)), width, height, {}, glyphs)
    assert [strip.cell_length for strip in strips] == [width] * height


def test_labels_say_the_unit_and_the_time() -> None:
    rows = draw(spec(line(*[float(i) for i in range(100)]), unit=Unit.MILLISECONDS))
    assert any(row.startswith("100ms ┤") for row in rows)
    assert any(row.lstrip().startswith("0 ┤") for row in rows)
    assert "10s" in rows[-1] or "20s" in rows[-1]


def test_the_right_axis_has_its_own_scale() -> None:
    rows = draw(spec(line(*[400.0] * 60), line(*[20.0] * 60, role=Role.VUS, kind=Kind.NOW, right=True)), 60, 14)
    assert rows[1].startswith("400ms ┤")
    assert rows[1].rstrip().endswith("├ 20")


def test_the_legend_names_lines_kinds_and_newest_values() -> None:
    what = spec(
        line(*[283.0] * 60, role=Role.P95, kind=Kind.CUMULATIVE),
        line(*[95.0] * 60, role=Role.AVG, kind=Kind.INTERVAL),
        line(*[1.0] * 60, role=Role.MED, kind=Kind.ESTIMATED),
    )
    legend = draw(what, 100)[0]
    assert legend.split("  ")[0] == "━ med ≈ 1.00ms"
    assert "avg Δ 95.0ms" in legend
    assert "p95 Σ 283ms" in legend
    assert legend.endswith("Σ whole run  Δ interval  ≈ estimated")
    narrow = draw(what, 41)[0]
    assert narrow.split("  ") == ["━med ≈1.00ms", "━avg Δ95.0ms", "━p95 Σ283ms", ""]
    assert draw(what, 30)[0].rstrip() == "━med ≈1.00ms ━avg Δ95.0ms ━p95", "the least important lose their numbers"
    assert draw(what, 15)[0].rstrip() == "━med ≈1.00ms"


@pytest.mark.parametrize("glyphs", Glyphs)
def test_a_ghost_is_dashed_behind_the_lines_and_named_in_the_legend(glyphs: Glyphs) -> None:
    flat = line(*[100.0] * 60, kind=Kind.INTERVAL)
    behind = replace(line(*[300.0] * 60, kind=Kind.INTERVAL), is_ghost=True)
    alone, both = draw(spec(flat), glyphs=glyphs), draw(spec(behind, flat, ghost="baseline"), glyphs=glyphs)
    assert f"{glyphs.characters.ghost} baseline" in both[0]
    assert both[0].startswith(alone[0].split("   ")[0].rstrip()), "the line keeps its own sign"
    free = {" ", glyphs.characters.grid, *("|+-" if glyphs is Glyphs.ASCII else "")}
    drawn = [[index for index, character in enumerate(row) if character not in free] for row in canvas(both)]
    if glyphs is Glyphs.ASCII:
        return  # a dot of a ghost looks like one of the grid
    dashed, whole = sorted((row for row in drawn if row), key=len)
    assert [later - earlier for earlier, later in pairwise(dashed)] == [2] * (len(dashed) - 1)
    assert len(whole) > 1.8 * len(dashed)


def test_a_line_that_ends_in_a_gap_has_no_newest_value() -> None:
    assert "avg Δ \N{EN DASH}" in draw(spec(line(1.0, 2.0, NAN)))[0]


def test_marks_and_levels_are_labelled() -> None:
    rows = draw(
        spec(
            line(*[100.0] * 60),
            marks=(MarkLine(30.0, "+10 VUs"), MarkLine(99.0, "later")),
            levels=(Level(150.0, "avg<150"), Level(9000.0, "max<9000")),
        )
    )
    text = "\n".join(rows)
    assert "┊+10 VUs" in text
    assert "later" not in text
    assert "avg<150" in text
    assert "↑ max<9000" in text


def test_labels_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2J\u202e"
    what = spec(
        replace(line(*[1.0] * 60), label=evil),
        marks=(MarkLine(3.0, evil),),
        levels=(Level(1.0, evil),),
        x_labels=((20.0, evil),),
    )
    for shown in (what, spec(empty=evil)):
        assert not {"\x1b", "\u202e"} & set("".join(draw(shown)))


def test_the_last_line_is_on_top_but_no_dot_is_lost() -> None:
    low, high = line(*[10.0] * 60, role=Role.MED), line(*[12.0] * 60, role=Role.P95)
    strips = render_plot(spec(low, high, bounds=Bounds(0, 1000)), 60, 14, COLOURS, Glyphs.BRAILLE)
    bottom = [segment for segment in strips[-3] if any(0x2800 < ord(c) < 0x2900 for c in segment.text)]
    assert {segment.style for segment in bottom} == {COLOURS[Role.P95]}
    alone = render_plot(spec(low, bounds=Bounds(0, 1000)), 60, 14, COLOURS, Glyphs.BRAILLE)[-3].text
    both = strips[-3].text
    for one, other in zip(alone, both, strict=True):
        if 0x2800 < ord(one) < 0x2900:
            assert ord(one) & ord(other) == ord(one)


def test_drawing_is_repeatable_and_leaves_no_trace() -> None:
    first = draw(FLAT)
    draw(spec(line(*[float(i) for i in range(60)], role=Role.VUS, right=True)), 30, 9, Glyphs.BLOCK)
    plot._render.cache_clear()  # pyright: ignore[reportPrivateUsage]
    line_pieces._kept.clear()  # pyright: ignore[reportPrivateUsage]
    assert draw(FLAT) == first


def test_a_second_later_little_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    xs = tuple(float(x) for x in range(2000))
    ys = tuple(50 + 40 * math.sin(x / 30) for x in xs)
    draw_jobs, pieces = strokes.draw_jobs, [0]

    def counted(jobs: list[strokes.Job]) -> list[tuple[str, ...]]:
        pieces[0] += sum(job.columns for job in jobs) // line_pieces.PIECE
        return draw_jobs(jobs)

    def at(now: int) -> PlotSpec:
        shown = Line("avg", Role.AVG, Kind.INTERVAL, xs[: now + 1], ys[: now + 1])
        return PlotSpec((shown,), now - 600.0, float(now), Unit.NUMBER, bounds=Bounds(0, 100))

    monkeypatch.setattr(line_pieces, "draw_jobs", counted)
    draw(at(1000), 120, 16)
    assert pieces[0] >= 14
    pieces[0] = 0
    for now in range(1001, 1031):
        draw(at(now), 120, 16)
    assert pieces[0] <= 60  # of 30 times 15


def test_lines_drawn_together_look_as_if_drawn_alone() -> None:
    roles = (Role.MED, Role.P90, Role.P95, Role.AVG)
    lines = [
        line(*[50 + 45 * math.sin(x / (7 + 3 * k) + k) for x in range(200)], role=role) for k, role in enumerate(roles)
    ]

    def cells(*shown: Line) -> set[tuple[int, int]]:
        plot._render.cache_clear()  # pyright: ignore[reportPrivateUsage]
        line_pieces._kept.clear()  # pyright: ignore[reportPrivateUsage]
        return set(dots(canvas(draw(spec(*shown, bounds=Bounds(0, 100)), 110, 20))))

    assert cells(*lines) == set[tuple[int, int]]().union(*(cells(each) for each in lines))


def test_pieces_look_the_same_to_a_dot_drawn_alone_and_together() -> None:
    ys = tuple(50 + 40 * math.sin(x / 9) if x % 97 else NAN for x in range(900))
    shown = Line("avg", Role.AVG, Kind.INTERVAL, tuple(map(float, range(900))), ys)
    last = PlotSpec((shown,), 299.0, 899.0, Unit.NUMBER, bounds=Bounds(0, 100))
    for now in range(700, 899, 7):
        draw(replace(last, x_from=now - 600.0, x_to=float(now)), 120, 16)
    grown = draw(last, 120, 16)
    plot._render.cache_clear()  # pyright: ignore[reportPrivateUsage]
    line_pieces._kept.clear()  # pyright: ignore[reportPrivateUsage]
    anew = draw(last, 120, 16)
    cells = [
        (one, other)
        for row, grown_row in zip(anew, grown, strict=True)
        for one, other in zip(row, grown_row, strict=True)
    ]
    # plotext rounds a slope by where it begins: here and there a line is a dot longer.
    assert sum(one != other for one, other in cells) <= 3
    assert all((one == " ") == (other == " ") for one, other in cells)


def test_pieces_join_without_a_seam() -> None:
    rows = canvas(draw(spec(line(*[float(i) for i in range(300)])), 110, 20))
    columns = sorted({x for x, _ in dots(rows)})
    assert columns == list(range(columns[0], columns[-1] + 1))
    assert columns[0] <= 1
    assert columns[-1] >= len(rows[0]) - 2


def test_a_click_finds_its_time() -> None:
    what = spec(line(*[100.0] * 100))
    assert math.isclose(time_at(what, 107, 14, 7) or NAN, 0.5, abs_tol=0.1)
    assert math.isclose(time_at(what, 107, 14, 106) or NAN, 99.5, abs_tol=0.6)
    assert time_at(what, 107, 14, 3) is None
    assert time_at(spec(), 107, 14, 50) is None


def test_time_labels_do_not_change_places_as_time_moves_on() -> None:
    every = tuple((float(x), f"00:{x:02}") for x in range(0, 600, 10))
    base = spec(line(*[1.0] * 600))

    def labels(x_from: float) -> set[str]:
        return set(draw(replace(base, x_labels=every, x_from=x_from, x_to=x_from + 300))[-1].split())

    for one, other in product((0.0, 10.0, 20.0), repeat=2):
        shared = [text for x, text in every if max(one, other) + 30 <= x <= min(one, other) + 270]
        assert labels(one) & set(shared) == labels(other) & set(shared)
