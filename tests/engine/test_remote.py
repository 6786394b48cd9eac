"""A model at a server that is scripted: what it is asked, and what comes of its replies."""

import math

import pytest
from support.openai_server import STREAM, OpenAiServer, chatted, event, glance, plain, said
from support.remote import (
    CALL,
    LIKELY,
    PATIENT,
    PROFILE,
    PROMPT,
    collect,
    completing,
    failed,
    request,
    started,
    streaming,
)

from codemode_tui.engine.api import Finished, Progress, Sampling, Token, ToolLikelihood
from codemode_tui.engine.models import find_model
from codemode_tui.engine.remote import api_key
from codemode_tui.errors import EngineError, ModelError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.render import render_text
from codemode_tui.settings import EngineSettings

HEAD_ONLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
NO_RAW = plain(404, {"error": {"message": "This is a chat model and not supported in the v1/completions endpoint"}})


# -- what is asked -----------------------------------------------------------------------------------


async def test_a_message_with_its_decision_counts_and_text():
    async with OpenAiServer(completions=completing("It", " has", " 3.<|im_", "end|>more")) as server:
        engine = await started(server, model="#mine")
        events = await collect(engine)
    assert [one.probability for one in events if isinstance(one, ToolLikelihood)] == [pytest.approx(0.9)]
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.text, finished.finish_reason, finished.token_ids) == ("It has 3.", "stop", ())
    assert "".join(one.text for one in events if isinstance(one, Token)) == finished.text
    glanced, asked = server.bodies("/completions")
    assert asked["prompt"] == render_text(PROMPT) and asked["model"] == "mine" and asked["max_tokens"] == 200
    assert glanced["logprobs"] == 5 and not glanced.get("stream")


async def test_usage_is_the_servers_own():
    async with OpenAiServer(completions=completing("a", "b")) as server:
        finished = (await collect(await started(server)))[-1]
    usage = finished.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.generated_tokens) == (7, 3, 2)


async def test_counts_that_grow_with_every_piece_are_not_summed():
    rows = [{"choices": [{"text": "a"}], "usage": {"prompt_tokens": 7, "completion_tokens": n}} for n in range(1, 21)]
    async with OpenAiServer(completions=streaming(STREAM, *map(event, rows), event(b"[DONE]"))) as server:
        assert (await collect(await started(server)))[-1].usage.generated_tokens == 20


async def test_sampling_is_asked_for_and_candidates_have_seeds_of_their_own():
    sampling = Sampling(temp=0.7, top_p=0.8, top_k=20, min_p=0.1, repetition_penalty=1.05, seed=5, max_tokens=9)
    async with OpenAiServer(completions=completing("x")) as server:
        events = await collect(await started(server), request(sampling=sampling, candidates=2))
    bodies = [body for body in server.bodies("/completions") if body.get("stream")]
    assert [body["seed"] for body in bodies] == [5, 6]
    assert {name: bodies[0][name] for name in ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")} == {
        "temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.1, "repetition_penalty": 1.05,
    }  # fmt: skip
    assert [one.candidate for one in events if isinstance(one, Finished)] == [0, 1]
    assert sum(isinstance(one, ToolLikelihood) for one in events) == 1


async def test_without_a_seed_none_is_sent_and_candidates_differ_as_the_server_draws():
    async with OpenAiServer(completions=completing("x")) as server:
        engine = await started(server)
        await collect(engine, request(openings=(), sampling=Sampling(temp=1.0, max_tokens=9), candidates=2))
    assert ["seed" in body for body in server.bodies("/completions")] == [False, False]


async def test_options_that_a_server_refuses_are_left_out():
    def strict(body):
        if {"top_k", "stream_options", "logprobs"} & set(body):
            return plain(400, {"error": {"message": "Unrecognized request argument supplied"}})
        return said("fine")

    async with OpenAiServer(completions=strict) as server:
        engine = await started(server)
        events = await collect(engine, request(sampling=Sampling(top_k=3, max_tokens=9)))
        assert events[-1].text == "fine" and not any(isinstance(one, ToolLikelihood) for one in events)
        before = len(server.asked)
        await collect(engine)
        assert len(server.asked) == before + 1  # it is not tried again and again


async def test_only_what_a_server_names_is_left_out_and_what_changes_the_drawing_is_told():
    def picky(body):
        if body.get("top_logprobs", 0) > 5:
            return plain(400, {"error": {"message": "top_logprobs: above the maximum value 5, got 10"}})
        if "min_p" in body:
            return plain(422, {"detail": "min_p: extra inputs are not permitted"})
        return chatted({"content": "fine"})

    async with OpenAiServer(completions=NO_RAW, chat__completions=picky) as server:
        engine = await started(server)
        drawn = request(sampling=Sampling(temp=0.5, top_p=0.9, min_p=0.1, seed=3, max_tokens=9))
        first, second = [(await collect(engine, drawn))[-1] for _ in range(2)]
    assert first.text == "fine" and first.notes == ("the server does not take min_p: asked without",)
    asked = server.bodies("/chat/completions")
    assert len(asked) == 4 and second.notes == ()
    assert asked[-1]["top_p"] == 0.9 and asked[-1]["seed"] == 3 and "min_p" not in asked[-1]


async def test_a_glance_at_the_decision_needs_none_of_the_options_of_the_drawing():
    def strict(body):
        return plain(400, {"error": "top_k is unknown"}) if "top_k" in body else completing("fine")(body)

    async with OpenAiServer(completions=strict) as server:
        events = await collect(await started(server), request(sampling=Sampling(top_k=3, max_tokens=9)))
    assert any(isinstance(one, ToolLikelihood) for one in events) and events[-1].text == "fine"


async def test_the_key_is_sent_and_never_shown():
    environment = {"CODEMODE_API_KEY": "sk-geheim"}
    refusing = plain(401, {"error": "bad key sk-geheim, really"})
    async with OpenAiServer(models=plain(200, {"data": []}), completions=refusing) as server:
        ref = find_model(server.name)
        from codemode_tui.engine.remote import RemoteEngine

        engine = RemoteEngine(ref, "bundled", "qwen3-coder", PATIENT, api_key(PATIENT, ref.server, environment))
        await engine.start()
        with pytest.raises(EngineError) as error:
            await collect(engine)
    assert {one.headers["authorization"] for one in server.asked} == {"Bearer sk-geheim"}
    assert "sk-geheim" not in error.value.line() and "api_key_env" in error.value.hint


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_error_inside_a_reply_does_not_show_the_key_and_text_is_left_as_it_is(streamed):
    bad = event({"error": {"message": "bad key e-e"}}) if streamed else b'{"error": {"message": "bad key e-e"}}'
    words = event({"choices": [{"text": "one e-e two", "finish_reason": None}]})
    from codemode_tui.engine.remote import RemoteEngine

    route = streaming(STREAM, words, bad) if streamed else plain(200, bad)
    async with OpenAiServer(completions=route) as server:
        engine = RemoteEngine(find_model(server.name), "bundled", "qwen3-coder", PATIENT, "e-e")
        await engine.start()
        heard = []
        with pytest.raises(EngineError, match="bad key …") as error:
            async for one in engine.generate(request(openings=())):
                heard.append(one)
    assert "e-e" not in error.value.line()
    assert "".join(one.text for one in heard if isinstance(one, Token)) == ("one e-e two" if streamed else "")


@pytest.mark.parametrize("reason", ["content_filter", "error", "abort"])
async def test_an_answer_that_a_server_cut_off_says_so(reason):
    cut = event({"choices": [{"text": "The first step is", "finish_reason": reason}]})
    async with OpenAiServer(completions=streaming(STREAM, cut, event(b"[DONE]"))) as server:
        events = await collect(await started(server))
    assert events[-1].finish_reason == "error" and "filter cut this message off" in events[-1].notes[0]


def test_keys_come_from_the_environment_and_go_only_where_they_belong():
    def key(url, environment, name=""):
        return api_key(EngineSettings(api_key_env=name), find_model(f"openai:{url}").server, environment)

    both = {"CODEMODE_API_KEY": "own", "OPENAI_API_KEY": "theirs", "TEAM": "t"}
    assert key("http://studio:8080", both) == "own"
    assert key("https://studio", {"OPENAI_API_KEY": "theirs"}) == "theirs"
    assert key("http://studio:8080", {"OPENAI_API_KEY": "theirs"}) == ""  # anybody could read it on the way
    assert key("http://127.0.0.1:1", {"OPENAI_API_KEY": "theirs"}) == "theirs"
    assert key("http://studio", both, "TEAM") == "t"
    with pytest.raises(ModelError, match="MISSING"):
        key("http://studio", both, "MISSING")


async def test_which_model_is_meant():
    one, many = {"data": [{"id": "solo", "max_model_len": 4096}]}, {"data": [{"id": "a"}, {"id": "b"}]}
    async with OpenAiServer(models=plain(200, one), completions=completing("x")) as server:
        engine = await started(server, EngineSettings(context_limit=8192))
        assert (engine.info.name, engine.info.context_limit) == (f"{server.name}/v1#solo", 4096)
        assert engine.info.engine == "openai" and find_model(engine.info.name).server.model == "solo"
    async with OpenAiServer(models=plain(200, many)) as server:
        with pytest.raises(ModelError, match="2 models: a, b"):
            await started(server)
        assert (await started(server, model="#b")).info.name.endswith("#b")
    own = {"data": [{"id": "team/a"}, {"id": "/models/mine"}]}  # mlx_lm.server lists the whole cache beside its own
    async with OpenAiServer(models=plain(200, own)) as server:
        assert (await started(server)).info.name.endswith("#/models/mine")


async def test_a_model_whose_name_holds_half_a_character_can_be_named():
    listing = b'{"data": [{"id": "a\\ud83d"}, {"id": "\\ud83d\\ude00"}]}'
    async with OpenAiServer(models=plain(200, listing)) as server:
        with pytest.raises(ModelError, match="2 models: a\ufffd, \U0001f600"):
            await started(server)


@pytest.mark.parametrize(
    "listing", [plain(404, {}), plain(200, b"what?"), plain(200, {"data": [3, {"id": None}]}), HEAD_ONLY]
)
async def test_a_server_that_lists_nothing_is_asked_for_its_own_model(listing):
    async with OpenAiServer(models=listing, completions=completing("x")) as server:
        await collect(await started(server))
        assert all("model" not in body for body in server.bodies("/completions"))


# -- characters that a server cuts in two -------------------------------------------------------------


def _arguments(text):
    return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}


HALVES = {
    "joined": (("a\ud83d", "\ude00b"), "a\U0001f600b"),
    "never followed": (("a\ud83d", "b"), "a\ufffdb"),
    "at the end": (("a", "\ud83d"), "a\ufffd"),
    "the second alone": (("\ude00", "b"), "\ufffdb"),
}


@pytest.mark.parametrize(("pieces", "read"), HALVES.values(), ids=HALVES)
async def test_a_character_in_two_pieces_is_one_and_half_of_one_is_marked(pieces, read):
    async with OpenAiServer(completions=completing(*pieces)) as server:
        events = await collect(await started(server))
    assert events[-1].text == read == "".join(one.text for one in events if isinstance(one, Token))
    ways = {
        read: [{"content": one} for one in pieces],
        f"<think>\n{read}\n</think>\n\nx": [*({"reasoning": one} for one in pieces), {"content": "x"}],
        f"<tool_call>\n<function=>\n{read}\n</function>\n</tool_call>": [_arguments(one) for one in pieces],
    }
    for text, deltas in ways.items():
        async with OpenAiServer(completions=NO_RAW, chat__completions=chatted(*deltas)) as server:
            events = await collect(await started(server))
        assert events[-1].text == text == "".join(one.text for one in events if isinstance(one, Token))


async def test_half_a_character_that_is_escaped_once_more_in_the_arguments_of_a_call_is_marked():
    call = _arguments('{"code": "print(\'\\ud83d\')"}')
    async with OpenAiServer(completions=NO_RAW, chat__completions=chatted(call)) as server:
        assert parse((await collect(await started(server)))[-1].text).code == "print('\ufffd')"


async def test_a_stop_text_in_two_halves_ends_the_message():
    async with OpenAiServer(completions=completing("a\ud83d", "\uded1b")) as server:
        assert (await collect(await started(server), request(stop=("\U0001f6d1",))))[-1].text == "a"


# -- levers ------------------------------------------------------------------------------------------


async def test_a_forced_call_begins_with_its_opening():
    async with OpenAiServer(completions=completing(CALL.removeprefix("<tool_call>"))) as server:
        events = await collect(await started(server), request(force="tool"))
        assert server.bodies("/completions")[-1]["prompt"].endswith("assistant\n<tool_call>")
    assert events[-1].text == CALL
    assert [one.text for one in events if isinstance(one, Token) and one.prefilled] == ["<tool_call>"]


async def test_a_forced_answer_cannot_call():
    tag = {"token": "<tool_call>", "id": 17, "logprob": -0.1}
    likely = {"choices": [{"text": "", "logprobs": {"content": [{**tag, "top_logprobs": [tag]}]}}]}

    def route(body):
        if not body.get("stream"):
            return plain(200, likely) if body["logprobs"] is True else plain(400, {"error": "logprobs must be a bool"})
        return said("Three. ", CALL)

    async with OpenAiServer(completions=route) as server:
        engine = await started(server)
        assert (await collect(engine, request(force="direct")))[-1].text == "Three. "
        asked = server.bodies("/completions")[-1]
        assert asked["logit_bias"] == {"17": -100} and "<tool_call>" in asked["stop"]
        server.routes["/completions"] = lambda body: said(CALL) if body.get("stream") else plain(200, likely)
        with pytest.raises(EngineError, match="kept from calling"):
            await collect(engine, request(force="direct"))


async def test_no_probability_is_made_up():
    unsure = {"The": math.log(0.5), "A": math.log(0.2)}
    thinks = {"<think>": math.log(0.9995), "The": math.log(0.0002)}
    for likeliest in ({}, unsure, thinks, {"<tool_call>": "x"}, {"<tool_call>": -(10**400)}):
        async with OpenAiServer(
            completions=lambda body, likeliest=likeliest: said("x") if body.get("stream") else glance(likeliest)
        ) as server:
            events = await collect(await started(server))
            told = [one.probability for one in events if isinstance(one, ToolLikelihood)]
            assert told in ([], [0.0]) and (told == [] or likeliest.get("<tool_call>") in ("x", -(10**400)))
    async with OpenAiServer(completions=completing("x")) as server:  # an opening of many tokens
        events = await collect(await started(server), request(openings=("I'll use it.\n<tool_call>", "<tool_call>")))
        assert not any(isinstance(one, ToolLikelihood) for one in events)
    call = {"tool_calls": [{"function": {"name": "execute_code", "arguments": "{}"}}]}
    likely = {"content": [{"top_logprobs": [{"token": "Ok", "logprob": math.log(0.999)}]}]}
    for first, told in (({"reasoning_content": "Ok"}, []), (call, []), ({"content": "Ok"}, [0.0])):
        pieces = [{"delta": first, "logprobs": likely}, {"delta": {"content": "."}, "logprobs": likely}]
        route = [STREAM, *(event({"choices": [one]}) for one in pieces), *chatted()[1:]]
        async with OpenAiServer(completions=NO_RAW, chat__completions=route) as server:
            events = await collect(await started(server))
        assert [one.probability for one in events if isinstance(one, ToolLikelihood)] == told


async def test_a_server_that_takes_calls_out_of_raw_text_is_made_to_give_them():
    """As mlx_lm.server does: the call is cut out, and a prompt that goes on behind the tag is plain text."""
    rest = CALL.removeprefix("<tool_call>")

    def route(body):
        prompt, likely = body["prompt"], {"<tool_call>": -0.01} if body["prompt"].endswith("look. ") else {"I": -0.01}
        if not body.get("stream"):
            return glance(likely, "" if "<tool_call>" in likely else "I")
        if prompt.endswith("<tool_call>"):
            return said(rest)
        return said("I look. ", finish="stop" if "<tool_call>" in body["stop"] else "tool_calls")

    async with OpenAiServer(completions=route) as server:
        engine = await started(server)
        for _ in range(2):
            events = await collect(engine)
            assert events[-1].text == "I look. " + CALL
            assert "".join(one.text for one in events if isinstance(one, Token)) == events[-1].text
        stops = ["<tool_call>" in body["stop"] for body in server.bodies("/completions") if body.get("stream")]
    assert stops == [False, False, True, False]  # once it is known, the call is not generated twice


# -- chat --------------------------------------------------------------------------------------------


async def test_a_server_without_raw_prompts_is_asked_for_a_chat():
    async with OpenAiServer(
        completions=NO_RAW, chat__completions=chatted({"content": "Hel"}, {"content": "lo"})
    ) as server:
        engine = await started(server)
        finished = (await collect(engine))[-1]
        await collect(engine)
    assert (finished.text, finished.rebuilt) == ("Hello", False)
    assert len(server.bodies("/completions")) == 1
    messages = server.bodies("/chat/completions")[0]["messages"]
    assert messages == [
        {"role": "system", "content": PROFILE.system_prompt}, {"role": "user", "content": "How many lines?"},
    ]  # fmt: skip


async def test_a_call_that_the_server_parsed_is_put_together_and_marked():
    deltas = [
        {"content": "I look. "},
        {"tool_calls": [{"index": 0, "function": {"name": "execute_code", "arguments": '{"code": "pri'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": 'nt(1)"}'}}]},
    ]
    async with OpenAiServer(completions=NO_RAW, chat__completions=chatted(*deltas, finish="tool_calls")) as server:
        finished = (await collect(await started(server)))[-1]
    parsed = parse(finished.text)
    assert (parsed.text, parsed.code, finished.finish_reason, finished.rebuilt) == ("I look.", "print(1)", "stop", True)


async def test_thoughts_that_the_server_took_out_come_back():
    deltas = [{"reasoning_content": "Hm"}, {"reasoning_content": "m."}, {"content": "Three."}]
    async with OpenAiServer(completions=NO_RAW, chat__completions=chatted(*deltas)) as server:
        finished = (await collect(await started(server)))[-1]
    assert finished.text == "<think>\nHmm.\n</think>\n\nThree." and finished.rebuilt
    assert any("wrong model" in warning for warning in parse(finished.text).warnings)


async def test_what_a_chat_cannot_do_is_said():
    async with OpenAiServer(completions=NO_RAW, chat__completions=chatted({"content": "x"})) as server:
        error = await failed(server, force="tool")
        assert "raw prompt" in error.message
    calls = chatted({"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]})
    async with OpenAiServer(completions=NO_RAW, chat__completions=calls) as server:
        assert "kept from calling" in (await failed(server, force="direct")).message


async def test_a_server_that_does_not_stream_is_heard_all_the_same():
    whole = {"choices": [{"text": "Three.", "finish_reason": "stop"}], "usage": {"prompt_tokens": 5}}
    async with OpenAiServer(completions=lambda body: plain(200, whole) if body.get("stream") else LIKELY) as server:
        finished = (await collect(await started(server)))[-1]
    assert (finished.text, finished.usage.prompt_tokens) == ("Three.", 5)


async def test_reading_the_prompt_shows_progress():
    async with OpenAiServer(
        completions=lambda body: [STREAM, b": keepalive 512/2048\n\n", *said("x")[1:]] if body.get("stream") else LIKELY
    ) as server:
        events = await collect(await started(server))
    assert [one for one in events if isinstance(one, Progress)] == [Progress("prefill", 512, 2048)]
