"""setup(), its data and teardown() of real k6s: each action's verdict, and what k6 then says and does."""

from __future__ import annotations

from dashboard.model.action import RunSetup, RunTeardown, SetSetup, Stop, Verb, Verdict
from dashboard.model.run import State
from tests.harness.k6 import K6Binary, RunningK6, start_k6
from tests.harness.waiting import wait_until
from tests.k6.watching import Watch, watching

VERBATIM = '{"big":12345678901234567890,"b":1,"a":2.50,"b":3}'


def data_in(running: RunningK6) -> bytes:
    """The value that k6 itself gives, as it is written there."""
    head, _, rest = running.api("GET", "/v1/setup").body.partition(b'"attributes":')
    assert head.startswith(b'{"data":{"type":"setupData"')
    return rest.removesuffix(b"}}")


def seen(watch: Watch) -> str | None:
    found = watch.history.run.setup.at(None)
    assert found is not None
    return found.data.text


async def test_data_put_while_it_runs_are_there_verbatim_and_reach_teardown(k6: K6Binary) -> None:
    with start_k6(k6, "hooks.js") as running:
        running.wait_for_status(7)
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            assert await watch.session.look_at_setup(watch.address) is None
            assert seen(watch) == '{"nested":{"deep":[{"er":null}]},"products":[101,102],"token":"d0a9c2"}'

            put = await watch.session.perform(watch.address, SetSetup(VERBATIM))
            assert put.verdict is Verdict.CONFIRMED
            assert data_in(running) == b'{"data":' + VERBATIM.encode() + b"}"
            assert seen(watch) == VERBATIM

            down = await watch.session.perform(watch.address, RunTeardown())
            assert down.verdict is Verdict.CONFIRMED
            wait_until(lambda: "TEARDOWN GOT" in running.output, what="teardown() in mid-run")
            assert running.status()["status"] == 7

            cleared = await watch.session.perform(watch.address, SetSetup(None))
            assert cleared.verdict is Verdict.CONFIRMED
            assert data_in(running) == b"{}"
            nothing = await watch.session.perform(watch.address, SetSetup("null"))
            assert (nothing.verdict, seen(watch)) == (Verdict.CONFIRMED, "null")
            await watch.session.perform(watch.address, Stop())
            running.wait()
            assert running.output.count("TEARDOWN GOT") == 2, "it runs again at the end"


async def test_setup_runs_again_and_a_vu_that_has_iterated_keeps_what_it_has(k6: K6Binary) -> None:
    with start_k6(k6, "hooks.js", env={"SETUP_SLEEP": "1"}) as running:
        running.wait_for_status(7)
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            wait_until(lambda: "VU GOT" in running.output, what="the first iteration")
            await watch.session.perform(watch.address, SetSetup("42"))
            again = await watch.session.perform(watch.address, RunSetup())
            assert again.verdict is Verdict.CONFIRMED
            assert again.took is not None
            assert again.took >= 0.9, "k6 answers when setup() has finished"
            assert b"d0a9c2" in data_in(running)
            await watch.looks(3)
            assert running.output.count("SETUP RUNS") == 2
            assert running.output.count("VU GOT") == 1


async def test_data_put_before_the_start_are_overwritten_unless_setup_is_off(k6: K6Binary) -> None:
    for flags, kept in (((), False), (("--no-setup",), True)):
        with start_k6(k6, "hooks.js", "--paused", *flags) as running:
            running.wait_for_status(4)
            async with watching(running.address) as watch:
                await watch.state(State.PAUSED)
                put = await watch.session.perform(watch.address, SetSetup('{"mine":1}'))
                assert put.verdict is Verdict.CONFIRMED
                running.patch_status(paused=False)
                wait_until(lambda: "VU GOT" in running.output, what="the first iteration")
                assert (r"VU GOT {\"mine\":1}" in running.output) is kept


async def test_an_exception_is_told_and_changes_nothing(k6: K6Binary) -> None:
    with start_k6(k6, "hooks.js", "--no-setup", env={"THROW": "1", "THROW_LATE": "1"}) as running:
        running.wait_for_status(7)
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            await watch.session.perform(watch.address, SetSetup('{"kept":1}'))
            for action, what in ((RunSetup(), "setup"), (RunTeardown(), "teardown")):
                outcome = await watch.session.perform(watch.address, action)
                assert outcome.verdict is Verdict.REFUSED
                assert outcome.answer.startswith(f"Error: boom in {what} at {what} (file:///")
                assert outcome.explanation.startswith(f"{what}() threw an exception.")
                assert outcome.answer.isprintable()
            assert data_in(running) == b'{"data":{"kept":1}}'
            assert running.status()["status"] == 7


async def test_a_lingering_k6_takes_a_teardown_and_no_setup(k6: K6Binary) -> None:
    with start_k6(k6, "hooks.js", "--linger", env={"DUR": "1s"}) as running:
        running.wait_for_status(9)
        async with watching(running.address) as watch:
            await watch.state(State.ENDED)
            for verb in (Verb.RUN_SETUP, Verb.SET_SETUP):
                assert watch.session.capability(watch.address, verb).possible is False
            down = await watch.session.perform(watch.address, RunTeardown())
            assert down.verdict is Verdict.CONFIRMED
            wait_until(lambda: running.output.count("TEARDOWN GOT") == 2, what="teardown() once more")
