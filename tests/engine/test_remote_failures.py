"""A model at a server that fails, hangs, or is cut off: one clear line, and what was said before."""

import asyncio
import socket
from contextlib import aclosing

import pytest
from support.openai_server import HANGS, STREAM, OpenAiServer, chatted, event, plain
from support.remote import PATIENT, PROFILE, collect, completing, failed, request, started, streaming

from codemode_tui.engine.api import Sampling, Token
from codemode_tui.engine.factory import make_engine
from codemode_tui.engine.http import connect
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import ContextError, EngineError
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message
from codemode_tui.settings import EngineSettings

HASTY = EngineSettings(server_timeout=0.2)
HALF = event({"choices": [{"text": "half a", "finish_reason": None}]})
BAD = {
    "silent for": streaming(STREAM, HANGS),
    "silent for 0.2": streaming(HANGS),
    "closed the connection too early": streaming(STREAM, event({"choices": [{"text": "half a", "finish_reason": ""}]})),
    "no JSON object": streaming(STREAM, event(b"<html>\x1b[2J")),
    "no JSON object: [": streaming(STREAM, event([1])),
    "out of memory": streaming(STREAM, event({"error": {"message": "out of\nmemory"}})),
    "CUDA": streaming(STREAM, HALF, event({"object": "error", "message": "CUDA", "code": 500}), event(b"[DONE]")),
    "worker died": streaming(STREAM, HALF, event({"message": "worker died", "code": 500}), event(b"[DONE]")),
    "no such model": streaming(plain(200, {"object": "error", "message": "no such model", "code": 404})),
    "nothing but interim replies": streaming(b"HTTP/1.1 100 Continue\r\n\r\n" * 50),
    "error 500: boom": streaming(plain(500, {"error": "boom"})),
    "error 503": streaming(plain(503, b"<h1>no</h1>" * 1000)),
    "sends elsewhere (http://evil/v1)": streaming(plain(307, {}, Location="http://evil/v1?key=1")),
    "does not speak HTTP": streaming(b"SSH-2.0-OpenSSH\r\n"),
    "HTTP; check the address": streaming(b"HTTP/1.1 " + b"2" * 5000 + b" OK\r\n\r\n"),  # Python reads no such number
    "more than 100 headers": streaming(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n"),
    "a header line without an end": streaming(b"HTTP/1.1 200 OK\r\na: " + b"b" * 200_000),
    "a chunk without a size": streaming(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a length of": streaming(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    "a length of '999": streaming(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"),
    "closed the connection": streaming(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"),
}


@pytest.mark.parametrize("expected", BAD, ids=lambda one: one.replace(" ", "-"))
async def test_a_bad_server_is_one_clear_line(expected):
    async with OpenAiServer(completions=BAD[expected]) as server:
        error = await failed(server, HASTY)
        assert isinstance(error, EngineError) and error.exit_code == 6
        assert expected in error.line() and "\x1b" not in error.line() and "key=1" not in error.line()


async def test_a_prompt_that_is_too_long_is_a_matter_of_context():
    too_long = {"error": {"message": "This model's maximum context length is 4096 tokens", "code": 400}}
    async with OpenAiServer(completions=streaming(plain(400, too_long))) as server:
        assert isinstance(await failed(server), ContextError)
    long = {"input": "y" * 5000, **too_long}
    async with OpenAiServer(completions=streaming(plain(400, long))) as server:
        assert isinstance(await failed(server), ContextError)
    late = {"error": {"message": "context deadline exceeded"}}
    async with OpenAiServer(completions=streaming(STREAM, event(late))) as server:
        assert isinstance(await failed(server), EngineError)
    async with OpenAiServer(completions=completing("x", prompt=10)) as server:
        engine = await started(server, EngineSettings(context_limit=20))
        with pytest.raises(ContextError, match="room for 20"):
            await collect(engine)
        assert not server.bodies("/completions")


async def test_a_message_that_may_be_too_long_for_what_is_left_is_no_conversation_that_is_too_long():
    said = (
        "'max_tokens' or 'max_completion_tokens' is too large: 20000. This model's maximum context length is 8192 "
        "tokens and your request has 25 input tokens (20000 > 8192 - 25)."
    )
    async with OpenAiServer(completions=streaming(plain(400, {"error": {"message": said}}))) as server:
        error = await failed(server)
    assert not isinstance(error, ContextError)
    assert "--max-tokens" in error.hint and "sampling.max_tokens" in error.hint


def roomy(room, says):
    """A route of a server whose room, ``room`` tokens of 4 characters, is for the prompt and the longest answer."""

    def route(body):
        needed = len(body["prompt"]) // 4 + body["max_tokens"]
        if needed > room:
            return plain(400, {"error": {"message": says.format(room=room, **body)}})
        return completing("fine")(body)

    return route


ROOM = "This model's maximum context length is {room} tokens"
BOTH = ROOM + ", however you requested more (9 in your prompt; {max_tokens} for the completion)."
TOO_LARGE = "'max_tokens' or 'max_completion_tokens' is too large: {max_tokens}. " + ROOM


@pytest.mark.parametrize("says", [BOTH, TOO_LARGE])
async def test_a_message_that_has_no_room_behind_its_prompt_is_asked_for_shorter(says):
    async with OpenAiServer(completions=roomy(1000, says)) as server:
        events = await collect(await started(server), request(sampling=Sampling(max_tokens=2048)))
        asked = [body["max_tokens"] for body in server.bodies("/completions") if body.get("stream")]
    assert events[-1].text == "fine" and asked == [2048, 1024, 512]


@pytest.mark.parametrize("force", [None, "tool"])
async def test_nothing_is_told_of_a_message_before_the_server_has_room_for_it(force):
    async with OpenAiServer(completions=roomy(120, BOTH)) as server:
        engine, heard = await started(server), []
        with pytest.raises(ContextError):
            async for one in engine.generate(request(sampling=Sampling(max_tokens=2048), force=force)):
                heard.append(one)
    assert server.bodies("/completions") and heard == []


async def test_what_a_server_may_have_room_for_is_its_own_to_refuse():
    words = render(PROFILE, [Message("user", "some ordinary words " * 80)])
    size = len(render_text(words))
    room, tokens = size // 4, size * 2 // 9
    listed = plain(200, {"data": [{"id": "m", "max_model_len": room}]})
    async with OpenAiServer(models=listed, completions=completing("fine", prompt=tokens)) as server:
        assert (await collect(await started(server), request(prompt=words)))[-1].text == "fine"
        own = await started(server, EngineSettings(context_limit=room - 1))  # nobody but us keeps to this one
        with pytest.raises(ContextError, match="needs about"):
            await collect(own, request(prompt=words))
    counted = {"choices": [{"text": "x", "logprobs": {"top_logprobs": [{"<tool_call>": -0.1}]}}]}

    def route(body):
        told = {"prompt_tokens": tokens, "completion_tokens": 2}
        return completing("fine")(body) if body.get("stream") else plain(200, {**counted, "usage": told})

    async with OpenAiServer(models=listed, completions=route) as server:
        await collect(await started(server), request(prompt=words, sampling=Sampling(max_tokens=9999)))
        assert server.bodies("/completions")[-1]["max_tokens"] == int((room - tokens) * 0.95)
        with pytest.raises(ContextError, match=f"needs {tokens:,}"):
            await collect(await started(server), request(prompt=words, reserve=room - tokens + 1))


async def test_how_long_a_busy_server_wants_to_be_left_alone_is_said():
    for wait, hint in (("30", "wait 30 seconds"), ("Wed, 21 Oct 2026 07:28:00 GMT", "wait and ask again")):
        busy = plain(429, {"error": "slow down"}, Retry_After=wait)
        async with OpenAiServer(completions=streaming(busy)) as server:
            assert hint in (await failed(server)).hint


WHOLE = event({"choices": [{"text": "whole", "finish_reason": "stop"}]})
ENDS = {
    "a blank behind its mark": [STREAM, WHOLE, b"data: [DONE] \n\n"],
    "what is no JSON": [STREAM, WHOLE, event(b"bye")],
    "an error": [STREAM, WHOLE, event({"error": "too late"})],
    "a torn chunk": [STREAM[:-2], b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(WHOLE), WHOLE, b"\r\nff\r\nda"],
    "events of another type": [STREAM.replace(b"event-stream", b"plain"), WHOLE, event(b"[DONE]")],
    "a document of no type": [b"HTTP/1.1 200 OK\r\n\r\n", WHOLE.removeprefix(b"data: ")],
    "a document of this type": [STREAM, WHOLE.removeprefix(b"data: ")[:9], WHOLE.removeprefix(b"data: ")[9:]],
}


@pytest.mark.parametrize("end", ENDS)
async def test_a_message_that_came_whole_is_whole_whatever_is_around_it(end):
    async with OpenAiServer(completions=streaming(*ENDS[end])) as server:
        finished = (await collect(await started(server)))[-1]
    assert (finished.text, finished.finish_reason) == ("whole", "stop")


async def test_a_server_that_fails_at_everything_for_a_while_has_refused_no_option():
    crashed = plain(400, {"error": {"message": "The model has crashed without additional information."}})
    drawn = request(sampling=Sampling(temp=0.5, top_p=0.9, seed=7, max_tokens=9))
    async with OpenAiServer(completions=crashed) as server:
        engine = await started(server)
        with pytest.raises(EngineError, match="crashed"):
            await collect(engine, drawn)
        server.routes["/completions"] = completing("fine")
        server.asked.clear()
        assert (await collect(engine, drawn))[-1].text == "fine"
        glanced, asked = server.bodies("/completions")
    assert "logprobs" in glanced
    assert (asked["top_p"], asked["seed"], asked["stream_options"]) == (0.9, 7, {"include_usage": True})


async def test_a_chat_that_takes_none_of_the_usual_options_is_asked_as_it_wants():
    says = {
        "max_tokens": "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.",
        "temperature": "Unsupported value: 'temperature' does not support 0.0. Only the default (1) is supported.",
        "stop": "Unsupported parameter: 'stop' is not supported with this model.",
    }

    def reasoning(body):
        bad = next((name for name in says if name in body), None)
        return plain(400, {"error": {"message": says[bad]}}) if bad else chatted({"content": "fi<|im_end|>no"})

    beta = plain(400, {"error": {"message": "completions api is only available when using beta api"}})
    not_raw = plain(404, {"error": {"message": "not supported in the v1/completions endpoint"}})
    for refusal in (not_raw, beta):
        async with OpenAiServer(completions=refusal, chat__completions=reasoning) as server:
            engine = await started(server)
            first, second = [(await collect(engine))[-1] for _ in range(2)]
            asked = server.bodies("/chat/completions")
        assert (first.text, second.text) == ("fi", "fi") and len(asked) == 5
        assert first.notes == ("the server does not take temperature: asked without",)
        assert asked[-1]["max_completion_tokens"] == 200 and "logprobs" in asked[-1]


async def test_no_more_is_asked_for_than_there_is_room_for():
    async with OpenAiServer(
        models=plain(200, {"data": [{"id": "m", "max_model_len": 500}]}), completions=completing("x", prompt=40)
    ) as server:
        engine = await started(server)
        for _ in range(2):  # the second time with the server's own count
            await collect(engine, request(sampling=Sampling(max_tokens=2048)))
        first, second = (body["max_tokens"] for body in server.bodies("/completions") if body.get("stream"))
        assert 300 < first <= second < 460


async def test_what_came_before_a_failure_was_given():
    async with OpenAiServer(completions=BAD["closed the connection too early"]) as server:
        engine = await started(server)
        heard = []
        with pytest.raises(EngineError):
            async for one in engine.generate(request()):
                heard.append(one)
        assert [one.text for one in heard if isinstance(one, Token)] == ["half a"]
        assert not engine.running  # the next turn begins with a look at the server
        server.routes["/completions"] = completing("whole")
        await engine.start()
        assert (await collect(engine))[-1].text == "whole"


async def test_nobody_there_is_found_out_at_the_start():
    engine = make_engine(find_model("openai:http://127.0.0.1:9"), "bundled", PATIENT)
    with pytest.raises(EngineError, match="nobody listens"):
        await engine.start()
    assert not engine.running and engine.info is None


async def test_a_host_of_two_addresses_at_which_nobody_listens_is_said_to_have_nobody(monkeypatch):
    both = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 9, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 9))]  # fmt: skip
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    engine = make_engine(find_model("openai:http://localhost:9"), "bundled", PATIENT)
    with pytest.raises(EngineError, match="cannot be reached: nobody listens there"):
        await engine.start()


async def test_cancel_closes_the_stream_and_keeps_what_was_said():
    async with OpenAiServer(completions=streaming(STREAM, event({"choices": [{"text": "One, two"}]}), HANGS)) as server:
        engine = await started(server)
        events = []
        async for one in engine.generate(request()):
            events.append(one)
            if isinstance(one, Token):
                await engine.cancel()
        assert (events[-1].finish_reason, events[-1].text) == ("cancel", "One, two")
        await asyncio.wait_for(server.gone.wait(), 5)
        server.routes["/completions"] = completing("again")
        assert (await collect(engine))[-1].text == "again"


@pytest.mark.parametrize("route", [lambda body: HANGS, streaming(HANGS)], ids=["deciding", "asking"])
async def test_cancel_before_the_first_word(route):
    async with OpenAiServer(completions=route) as server:
        engine = await started(server)
        asyncio.get_running_loop().call_later(0.1, lambda: asyncio.ensure_future(engine.cancel()))
        events = await asyncio.wait_for(collect(engine), 5)
        assert events[-1].finish_reason == "cancel" and engine.running


async def test_cancel_between_the_connection_and_the_request_sends_none(monkeypatch):
    async def just_connected(*args, **more):
        exchange = await connect(*args, **more)
        asyncio.get_running_loop().call_soon(engine._api.abort)  # the task that waits for this one runs later
        return exchange

    async with OpenAiServer(completions=completing("all of it")) as server:
        engine = await started(server)
        server.asked.clear()
        monkeypatch.setattr("codemode_tui.engine.remote_api.connect", just_connected)
        events = await collect(engine, request(openings=()))
        assert (events[-1].finish_reason, events[-1].text) == ("cancel", "")
        assert not server.asked


async def test_an_iterator_that_is_closed_ends_the_request():
    async with OpenAiServer(completions=streaming(STREAM, event({"choices": [{"text": "x"}]}), HANGS)) as server:
        engine = await started(server)
        async with aclosing(engine.generate(request())) as events:
            async for one in events:
                if isinstance(one, Token):
                    break
        await asyncio.wait_for(server.gone.wait(), 5)


async def test_a_message_without_an_end_is_ended():
    flood = event({"choices": [{"text": "la " * 20_000}]})
    async with OpenAiServer(completions=streaming(STREAM, *[flood] * 50)) as server:
        finished = (await collect(await started(server)))[-1]
        assert finished.finish_reason == "length" and len(finished.text) < 1 << 21


async def test_calls_without_an_end_are_ended():
    flood = event({"choices": [{"delta": {"tool_calls": [{"function": {}}] * 500}}]})
    refusing = plain(404, {"error": {"message": "not supported in the v1/completions endpoint"}})
    async with OpenAiServer(
        completions=refusing, chat__completions=streaming(STREAM, flood, event(b"[DONE]"))
    ) as server:
        finished = (await collect(await started(server)))[-1]
    assert finished.finish_reason == "length" and "calls without an end" in finished.notes[0]


async def test_a_server_that_never_ends_its_list_of_models_is_given_up(monkeypatch):
    async def drip(_, writer):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)

    monkeypatch.setattr("codemode_tui.engine.remote_api.LIST_SECONDS", 0.2)
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        engine = make_engine(find_model(f"openai:http://127.0.0.1:{port}"), "bundled", PATIENT)
        with pytest.raises(EngineError, match="did not list its models"):
            await asyncio.wait_for(engine.start(), 5)


def test_a_server_is_described_without_being_asked():
    info = inspect(find_model("openai:http://127.0.0.1:9/v1#codemode-30b"))
    assert (info.engine, info.path, info.profile, info.weights_sha256) == (
        "openai",
        "http://127.0.0.1:9/v1",
        "phase22",
        "",
    )
