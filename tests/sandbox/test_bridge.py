"""Tool calls between the code and its host: they overlap, end early, take their time, and are bounded."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from codemode_tui.sandbox import bridge, rpc
from codemode_tui.sandbox.bridge import Bridge
from codemode_tui.sandbox.rpc import Inbound, ProtocolError, characters, pack, result_frames
from codemode_tui.sandbox.select import choose
from codemode_tui.sandbox.stopwatch import Stopwatch, waiting_for_a_person
from codemode_tui.sandbox.types import Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are the Linux backends")


class Host:
    """Tools that are coroutines of the host; ``ended`` says how each call did."""

    names = ("echo", "wait", "ask", "big", "fail")
    calls: tuple[()] = ()
    files_changed: tuple[()] = ()
    journal = ""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.open = self.most = 0

    async def call(self, name, args, kwargs):
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            value = await getattr(self, name)(*args, **kwargs)
            self.ended.append(name)
            return value
        except asyncio.CancelledError:
            self.ended.append(f"{name} cancelled")
            raise
        finally:
            self.open -= 1

    async def echo(self, value):
        return value

    async def wait(self, seconds, value=None):
        await asyncio.sleep(seconds)
        return value

    async def ask(self, seconds):
        with waiting_for_a_person():
            await asyncio.sleep(seconds)
        return "yes"

    async def big(self, count):
        return ["x" * 1_000_000] * count

    async def fail(self, kind):
        raise {
            "file": FileNotFoundError("a does not exist (similar: b)"),
            "own": HostError("why"),
            "odd": ExceptionGroup("two", [ValueError()]),
        }[kind]


class HostError(Exception):
    pass


async def run(code, host=None, **limits):
    sandbox = await choose()
    return await sandbox.run(code, host or Host(), Limits(**{"wall_seconds": 10, "memory_mb": 256, **limits}))


GATHERED = {
    "at once": "await asyncio.gather(*[wait(0.4, i) for i in range(4)])",
    "in tasks": "[await t for t in [asyncio.create_task(wait(0.4, i)) for i in range(4)]]",
    "in an own coroutine": "await asyncio.gather(*[own(i) for i in range(4)])",
    "in threads": "list(futures.ThreadPoolExecutor().map(lambda i: wait(0.4, i), range(4)))",
}


@pytest.mark.parametrize("how", GATHERED)
async def test_calls_overlap(how):
    host = Host()
    code = (
        "import asyncio\nfrom concurrent import futures\nasync def own(i): return await wait(0.4, i)\n"
        f"async def main(): print({GATHERED[how]})\nasyncio.run(main())"
    )
    outcome = await run(code, host)
    assert (outcome.stdout, host.most) == ("[0, 1, 2, 3]\n", 4), outcome


@pytest.mark.parametrize("value", ["text", 7, 1.5, True, None, [1, [2]], {"a": {"b": 1}}])
async def test_any_value_can_be_called_for_plainly_and_awaited(value):
    code = f"a = echo({value!r})\nb = await echo({value!r})\nprint(a == b == {value!r})"
    assert (await run(code)).stdout == "True\n"


async def test_texts_of_all_kinds_arrive_whole():
    code = "t = '\\u0436\\U0001f600\\ud800\\x00\\n' * 50_000\nprint(echo(t) == t, echo([t])[0] == t)"
    assert (await run(code)).stdout == "True True\n"


async def test_what_one_call_may_send_counts_characters_not_their_escapes(monkeypatch):
    monkeypatch.setattr(rpc, "MAX_ARGUMENTS", 250_000)
    outcome = await run("t = '\u0436\U0001f600' * 100_000\nprint(echo(t) == t)")
    assert (outcome.status, outcome.stdout, outcome.reason) == ("ok", "True\n", "")


async def test_more_than_one_call_may_send_is_an_error_that_the_code_can_catch():
    code = "try: echo('\\n' * 45_000_000)\nexcept ValueError as e: print(e)\nprint(echo(1))"
    outcome = await run(code, memory_mb=512, wall_seconds=60)
    told = f"the arguments of echo have 90,000,010 characters as JSON; {rpc.MAX_ARGUMENTS:,} may be sent in one call"
    assert (outcome.status, outcome.stdout) == ("ok", f"{told}\n1\n")


async def test_a_large_text_takes_no_more_than_itself_and_its_pieces():
    """The emoji makes each character take four bytes."""
    host = Host()
    host.big = lambda count: host.echo("\U0001f600" + "y" * count)
    code = "try: print(len(big(20_000_000)))\nexcept ValueError as e: print(e)\nprint(echo(1))"
    outcome = await run(code, host, memory_mb=160)
    assert (outcome.status, outcome.stdout) == ("ok", "20000001\n1\n"), outcome
    outcome = await run(code, host, memory_mb=100)
    assert outcome.status == "ok" and "read it in pieces with read_file(path, start, lines)" in outcome.stdout, outcome


async def test_a_call_that_is_given_up_ends_on_the_host_and_keeps_nobody_waiting():
    host = Host()
    code = (
        "import asyncio\nasync def main():\n    try: await asyncio.wait_for(wait(60), 0.2)\n"
        "    except TimeoutError: print('given up')\n    print(await echo('on'))\nasyncio.run(main())"
    )
    outcome = await run(code, host)
    assert (outcome.status, outcome.stdout, host.ended) == ("ok", "given up\non\n", ["wait cancelled", "echo"])


async def test_one_that_fails_in_a_task_group_takes_the_others_with_it():
    host = Host()
    code = (
        "import asyncio\ntry:\n    async with asyncio.TaskGroup() as g:\n"
        "        g.create_task(wait(60))\n        g.create_task(fail('file'))\n"
        "except* FileNotFoundError as e: print(e.exceptions[0])"
    )
    outcome = await run(code, host)
    assert (outcome.stdout, host.ended) == ("a does not exist (similar: b)\n", ["wait cancelled"]), outcome


async def test_a_call_has_a_time_of_its_own():
    outcome = await run("try: wait(60)\nexcept TimeoutError as e: print(e)", call_seconds=0.2)
    assert outcome.stdout == "wait took longer than 0.2 s and was stopped\n"


async def test_what_a_person_takes_counts_against_no_limit():
    outcome = await run("print(ask(1.5))", wall_seconds=1, total_seconds=1, call_seconds=0.5)
    assert (outcome.status, outcome.stdout) == ("ok", "yes\n")
    outcome = await run("print(wait(60))", wall_seconds=5, total_seconds=1)
    assert (outcome.status, outcome.reason) == ("timeout", "stopped after 1 s, waiting for tools included")


async def test_errors_arrive_as_what_they_are():
    code = "for k in ('file', 'own', 'odd'):\n    try: fail(k)\n    except Exception as e: print(type(e).__name__, e)"
    told = ["FileNotFoundError a does not exist (similar: b)", "RuntimeError HostError: why"]
    told.append("RuntimeError ExceptionGroup: two (1 sub-exception)")
    assert (await run(code)).stdout.splitlines() == told


async def test_calls_go_on_after_one_that_an_alarm_broke_off():
    code = (
        "import signal\ndef late(*_): raise InterruptedError\nsignal.signal(signal.SIGALRM, late)\n"
        "for k in range(8):\n    try:\n        signal.setitimer(signal.ITIMER_REAL, 0.001 + 0.002 * k)\n"
        "        big(2)\n        print('whole')\n    except InterruptedError: pass\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0)\n    assert echo(k) == k\nprint(echo('on'))\n1 / 0"
    )
    outcome = await run(code, wall_seconds=60)
    assert (outcome.status, outcome.stdout.splitlines()[-1]) == ("error", "on"), outcome
    assert outcome.exception is not None and outcome.exception.type == "ZeroDivisionError"


async def test_a_result_larger_than_the_memory_is_an_error_and_no_other_call_fails_for_it():
    code = "try: big(40)\nexcept ValueError as e: print(e)\nprint(echo('on'))"
    outcome = await run(code, memory_mb=40, wall_seconds=60)
    assert outcome.status == "ok", outcome
    assert outcome.stdout.splitlines()[-1] == "on" and "read_file(path, start, lines)" in outcome.stdout


async def test_a_result_of_a_gigabyte_is_an_error_that_says_what_to_do():
    outcome = await run("try: big(1000)\nexcept ValueError as e: print(e)")
    assert "more than the 67,108,864 characters" in outcome.stdout and "read_file(path, start, lines)" in outcome.stdout
    assert characters(["x" * 1000] * 1000, 5000) < 7000
    assert len(list(result_frames(1, "\x00" * 100, 110))) == 2  # escapes are not counted


async def test_keys_of_a_result_are_attributes_too():
    code = (
        "import json\nr = echo({'a': 1, 'items': [{'b': 2}]})\n"
        "print(r.a, r['items'][0].b, json.dumps(r), isinstance(r, dict), getattr(r, 'c', 3))\nr.nope"
    )
    outcome = await run(code)
    assert outcome.stdout == '1 2 {"a": 1, "items": [{"b": 2}]} True 3\n'
    assert outcome.exception is not None
    assert (outcome.exception.type, outcome.exception.message) == (
        "AttributeError",
        "there is no 'nope'; there are a, items",
    )


@pytest.mark.parametrize("number", ["1", "true", "-1", "null", "9"])
def test_only_calls_that_were_made_can_be_cancelled(number):
    with pytest.raises(ProtocolError):
        Inbound().frame(f'{{"op": "cancel", "id": {number}}}'.encode())


class SlowWriter:
    """Whoever reads takes one frame, and another only when ``go`` is set."""

    def __init__(self):
        self.ops = []
        self.go = asyncio.Event()

    def write(self, data):
        self.ops.append(json.loads(data[4:])["op"])

    async def drain(self):
        await self.go.wait()


async def test_whoever_gives_a_call_up_is_always_told_that_it_has_ended():
    """Cancelled before it has begun, and in the midst of its result: a thread of the code waits for the last frame."""
    reader, writer = asyncio.StreamReader(), SlowWriter()
    bridge = Bridge(reader, writer, Host(), Limits(), Stopwatch(), lambda why: None)
    serving = asyncio.create_task(bridge.serve())
    begun = [{"op": "part", "id": 1, "text": '[["x"], {}]'}, {"op": "call", "id": 1, "name": "echo"}]
    reader.feed_data(b"".join(map(pack, [*begun, {"op": "cancel", "id": 1}])))
    await asyncio.sleep(0.05)
    assert len(writer.ops) == 1
    writer.go.set()
    await asyncio.sleep(0.05)
    assert writer.ops[-1] in ("text", "error")
    writer.ops.clear()
    writer.go.clear()
    begun = [{"op": "part", "id": 2, "text": "[[1], {}]"}, {"op": "call", "id": 2, "name": "big"}]
    reader.feed_data(b"".join(map(pack, begun)))
    await asyncio.sleep(0.05)
    assert writer.ops == ["part"]
    reader.feed_data(pack({"op": "cancel", "id": 2}))
    await asyncio.sleep(0.05)
    writer.go.set()
    await asyncio.sleep(0.05)
    assert writer.ops[-1] == "result"
    reader.feed_eof()
    await serving


@pytest.mark.parametrize(("text", "at_once"), [("x", 4), ("x" * 400, 2), ("\U0001f600" * 200, 1), ("x" * 2000, 1)])
async def test_calls_run_side_by_side_as_far_as_there_is_room_for_their_arguments(monkeypatch, text, at_once):
    monkeypatch.setattr(bridge, "BYTES_AT_ONCE", 1000)
    reader, writer, host = asyncio.StreamReader(), SlowWriter(), Host()
    writer.go.set()
    for number in range(1, 5):
        arguments = json.dumps([[0.01, text], {}], ensure_ascii=False)
        reader.feed_data(pack({"op": "part", "id": number, "text": arguments}))
        reader.feed_data(pack({"op": "call", "id": number, "name": "wait"}))
    serving = asyncio.create_task(Bridge(reader, writer, host, Limits(), Stopwatch(), lambda why: None).serve())
    async with asyncio.timeout(10):
        while writer.ops.count("text") < 4:
            await asyncio.sleep(0.01)
    reader.feed_eof()
    await serving
    assert host.most == at_once
