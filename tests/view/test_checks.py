from __future__ import annotations

import pytest

from dashboard.model.asking import Asked, Asking
from dashboard.model.check_history import TOTAL
from dashboard.model.group import Group
from dashboard.model.group_tree import Tally
from dashboard.model.metric import Metric
from dashboard.view.chart import Kind
from dashboard.view.checks import build_check, build_checks
from dashboard.view.checks_view import CheckSort, ChecksView
from dashboard.view.metrics import build_metric
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection
from tests.model.building import START, Story, at_work, check, counter, group, share


def answer(scale: int, bad: int) -> tuple[Group, ...]:
    """Three levels; ``bad`` is how often the money was not transferred."""
    return (
        group("", None, check("is up", 10 * scale, 0)),
        group("buy", "", check("paid", 3 * scale, scale)),
        group("card", "buy", check("accepted", 2 * scale, 0)),
        group("bank", "card", check("transferred", scale, bad)),
        group("look", "", check("found", 9 * scale, 1)),
    )


def metrics(story: Story, after: float) -> tuple[Metric, ...]:
    """What k6 lists ``after`` seconds from now, with a clock that keeps step with ours."""
    elapsed = story.now - START + after
    return share("checks", 0.9), counter("http_reqs", elapsed, elapsed)


def shop(*looks: tuple[int, int]) -> Story:
    story = Story()
    for scale, bad in looks or ((1, 0), (3, 4)):
        story.see(metrics(story, 10), groups=answer(scale, bad), after=10)
    return story


def labels(story: Story, wanted: str = "", **arranged: object) -> list[str]:
    selection = Selection(filter=wanted, checks=ChecksView(**arranged))  # type: ignore[arg-type]
    return [f"{'  ' * row.depth}{row.label}" for row in build_checks(story.history, selection).rows]


def test_the_tree_shows_the_worst_first_among_those_of_one_group() -> None:
    assert labels(shop()) == [
        "is up",
        "buy",
        "  paid",
        "  card",
        "    accepted",
        "    bank",
        "      transferred",
        "look",
        "  found",
    ]
    # Once nearly all that was looked for was not found, that comes first.
    story = shop()
    story.see((), groups=(*answer(4, 5)[:4], group("look", "", check("found", 27, 900))))
    assert labels(story)[:4] == ["is up", "look", "  found", "buy"]


@pytest.mark.parametrize(
    ("sort", "descending", "top"),
    [
        (CheckSort.NAME, False, ["buy", "look"]),
        (CheckSort.NAME, True, ["look", "buy"]),
        (CheckSort.FAILS, True, ["buy", "look"]),
        (CheckSort.FAILS, False, ["look", "buy"]),
        (CheckSort.PASSES, True, ["look", "buy"]),
        (CheckSort.RECENT, False, ["buy", "look"]),
    ],
)
def test_every_order_turns_round(sort: CheckSort, descending: bool, top: list[str]) -> None:
    found = labels(shop(), sort=sort, descending=descending)
    assert [label for label in found if label in ("buy", "look")] == top


def test_as_first_seen_is_by_look_and_within_one_by_name() -> None:
    story = shop((1, 0))
    story.see((), groups=(*answer(1, 0), group("admin", "", check("let in", 1, 1))))
    assert labels(story, sort=CheckSort.SEEN)[-2:] == ["admin", "  let in"]
    assert labels(story, sort=CheckSort.NAME)[1] == "admin"


def test_a_folded_group_hides_what_is_in_it_and_a_filter_finds_it_all_the_same() -> None:
    story = shop()
    assert labels(story, folded=frozenset({"gid buy"})) == ["is up", "buy", "look", "  found"]
    assert labels(story, "transf", folded=frozenset({"gid buy"})) == ["buy", "  card", "    bank", "      transferred"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("CARD", ["buy", "  card", "    accepted", "    bank", "      transferred"]),
        ("found", ["look", "  found"]),
        ("!a", ["is up", "buy", "look", "  found"]),
        ("nothing like it", []),
    ],
)
def test_what_passes_the_filter_stands_in_its_groups(wanted: str, found: list[str]) -> None:
    assert labels(shop(), wanted) == found


def test_a_line_tells_all_and_lately() -> None:
    rows = {row.label: row for row in build_checks(shop((1, 0), (3, 4), (4, 9)).history, Selection()).rows}
    assert (rows["transferred"].tally, rows["transferred"].recent) == (Tally(4, 9), Tally(1, 5))
    assert rows["transferred"].spark == (4.0, 5.0)
    assert (rows["buy"].tally, rows["buy"].recent) == (Tally(24, 13), Tally(6, 6))


def test_a_frozen_moment_shows_what_was_known_then() -> None:
    story = shop((1, 0), (3, 4))
    frame = build_checks(story.history, Selection(cursor=START + 15))
    rows = {row.label: row for row in frame.rows}
    assert (rows["transferred"].tally, rows["transferred"].recent) == (Tally(1, 0), None)
    assert frame.summary.looked_at == START + 10
    assert len(build_checks(story.history, Selection(cursor=START + 5)).rows) == 0


def test_all_checks_together() -> None:
    summary = build_checks(shop().history, Selection()).summary
    assert (summary.checks, summary.groups, summary.tally, summary.recent) == (5, 4, Tally(75, 8), Tally(50, 6))
    assert summary.seconds == 10
    assert summary.stand_in is None


def test_where_the_groups_are_not_known_the_metric_stands_in() -> None:
    story = Story()
    story.see((share("checks", 0.9), counter("http_reqs", 1, 1)))
    summary = build_checks(story.history, Selection()).summary
    assert summary.looked_at is None
    assert summary.stand_in is not None
    assert (summary.stand_in.value, summary.stand_in.kind) == (0.9, Kind.CUMULATIVE)


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        (Asking(Asked.NEVER), ("--no-groups", "metric checks stands in")),
        (Asking(Asked.UNWANTED), ("Not asked yet", "can crash", "every 10 s", "--no-groups")),
        (Asking(Asked.NOT_YET, "names may still be appearing"), ("Not asked yet: names may still be appearing",)),
        (Asking(Asked.REGULARLY, every=20.0), ("every 20 s", "can crash", "--no-groups")),
        (Asking(Asked.NO_MORE, "names keep appearing"), ("not asked any more: names keep appearing",)),
    ],
)
def test_the_screen_says_how_k6_is_asked_and_why(asking: Asking, words: tuple[str, ...]) -> None:
    story = Story()
    story.see()
    story.history.see_asking(asking, story.now)
    frame = build_checks(story.history, Selection())
    for phrase in words:
        assert phrase in frame.note
    assert frame.empty
    assert frame.is_wanting is (asking.asked is Asked.UNWANTED)


def test_after_the_end_it_says_whether_the_counts_are_final() -> None:
    story = shop()
    ended = at_work(9, running=False)
    story.see(metrics(story, 1), ended)
    assert "before the end" in build_checks(story.history, Selection()).note
    story.see(None, ended, groups=answer(4, 5))
    assert "final counts" in build_checks(story.history, Selection()).note


def test_a_run_before_this_one_stays_as_it_was() -> None:
    story = shop()
    story.see((), groups=answer(1, 0))
    assert story.run.number == 2
    rows = {row.label: row.tally for row in build_checks(story.history, Selection(run=1)).rows}
    assert rows["transferred"] == Tally(3, 4)
    assert "before the end" in build_checks(story.history, Selection(run=1)).note


def test_one_check_over_time() -> None:
    story = shop((1, 0), (3, 4), (4, 9))
    opened = Selection(checks=ChecksView(opened="cbank::transferred"))
    frame = build_check(story.history, opened, story.now)
    assert frame.name == "transferred"
    shares, counts = frame.charts
    whole, recent = shares.spec.lines
    assert recent.ys == (2 / 6, 1 / 6)
    assert recent.kind is Kind.INTERVAL
    assert whole.ys == (3 / 7, 4 / 13)
    passes, fails = counts.spec.lines
    assert (passes.ys, fails.ys) == ((0.2, 0.1), (0.4, 0.5))
    assert fails.kind is Kind.ESTIMATED
    assert [(name, number.value, number.kind.value) for name, number in frame.statistics] == [
        ("passes", 4, "cumulative"),
        ("fails", 9, "cumulative"),
        ("share passed", 4 / 13, "cumulative"),
        ("passes", 1, "interval"),
        ("fails", 5, "interval"),
        ("share passed", 1 / 6, "interval"),
    ]


def test_a_check_that_this_run_does_not_have_is_said_to_be_unknown() -> None:
    frame = build_check(shop().history, Selection(checks=ChecksView(opened="cgone")), START + 30)
    assert frame.statistics == ()
    assert "not given this check" in frame.explanation


def test_the_overview_tells_the_share_of_the_last_interval_and_falls_back_to_the_whole_run() -> None:
    story = shop((1, 0), (3, 4))
    last = story.run.checks.interval(TOTAL)
    assert last is not None

    def tile() -> tuple[float | None, Kind]:
        number = next(
            tile for tile in build_overview(story.history, Selection(), story.now).tiles if tile.title == "Checks"
        ).number
        return number.value, number.kind

    assert tile() == (last.tally.share, Kind.INTERVAL)
    assert "counted between two looks" in build_metric(story.history, Selection(metric="checks"), story.now).explanation
    story.see(metrics(story, 60), after=60)
    assert tile() == (0.9, Kind.CUMULATIVE)
