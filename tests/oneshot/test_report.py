"""Tables of a report: aligned, harmless, whole where nothing is drawn."""

from __future__ import annotations

from dashboard.oneshot.report import Cell, Room, Table, facts


def text(table: Table, width: int | None = None) -> list[str]:
    return ["".join(cell.text for cell in row) for row in table.lines(width)]


LONG = "x" * 300
NAMES = Table(((Cell(LONG), Cell("7", is_number=True)), (Cell("日本"), Cell("12", is_number=True))), ("NAME", "N"))


def test_columns_are_as_wide_as_their_widest_field_and_numbers_stand_right() -> None:
    assert text(facts(("a", "1"), ("long", "2"))) == ["a     1", "long  2"]
    assert text(NAMES) == ["NAME" + " " * 298 + " N", LONG + "   7", "日本" + " " * 298 + "12"]


def test_on_a_terminal_the_name_gives_way_and_the_numbers_stay() -> None:
    lines = text(NAMES, 40)
    assert lines[1] == "x" * 35 + "…   7"
    assert lines[0] == "NAME" + " " * 34 + " N"


def test_columns_give_way_in_order_and_not_below_what_can_be_read() -> None:
    table = Table(((Cell("a" * 40), Cell("b" * 40)),), gives=(1, 0))
    assert text(table, 70) == ["a" * 40 + "  " + "b" * 27 + "…"]
    assert text(table, 50) == ["a" * 31 + "…  " + "b" * 15 + "…"]
    assert text(table, 20) == ["a" * 15 + "…  " + "b" * 15 + "…"]


def test_sentences_go_on_below_themselves() -> None:
    table = facts(("why", "one two three four five six seven"), ("x", "y"))
    assert text(table, 32) == ["why  one two three four five six", "     seven", "x    y"]
    assert text(table, 100) == ["why  one two three four five six seven", "x    y"]


def test_many_values_go_below_their_name() -> None:
    table = Table(((Cell("name"), Cell("kind"), Cell("avg=1 min=2 med=3 max=4 p(90)=5")),), room=Room.FOLD)
    assert text(table, 30) == ["name  kind", "    avg=1 min=2 med=3 max=4", "    p(90)=5"]
    assert text(table, 80) == ["name  kind  avg=1 min=2 med=3 max=4 p(90)=5"]


def test_what_would_steer_the_terminal_is_made_visible() -> None:
    assert text(Table(((Cell("a\x1b[31m\nb"),),))) == ["a␛[31m␊b"]


def test_no_line_ends_in_blanks() -> None:
    assert text(Table(((Cell("yes"), Cell("")), (Cell("no"), Cell("why"))))) == ["yes", "no   why"]
