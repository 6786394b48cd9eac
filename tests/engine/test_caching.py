"""The KV cache of a conversation: only what is new is fed, and nobody can tell from what is said."""

from __future__ import annotations

from itertools import pairwise

import mlx.core as mx
import pytest
from mlx_lm.models.cache import KVCache
from support.inprocess import KEY, Said, loaded, say, tiny, user

from codemode_tui.engine import generation, kv_files
from codemode_tui.engine.api import Sampling
from codemode_tui.engine.caching import Caches, Live

QUESTIONS = (
    "What is a decorator?", "What is a list?", "How many lines are in notes.txt?", "What is a generator?",
    "What is 17 times 23?", "What is a tuple?",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def model(folder):
    return loaded(folder=folder, saved_bytes=0)


@pytest.fixture
def fed(model, monkeypatch):
    """How many tokens each pass through the model was given."""
    counts: list[int] = []

    class Counted:
        def __call__(self, tokens, **more):
            counts.append(tokens.shape[1])
            return inner(tokens, **more)

        def __getattr__(self, name):
            return getattr(inner, name)

    inner = model.forward
    monkeypatch.setattr(model, "forward", Counted())
    return counts


def six_turns(model, **more) -> list[Said]:
    messages, said = [], []
    for number, question in enumerate(QUESTIONS):
        messages.append(user(question))
        said.append(say(model, messages, more.get("conversation", f"alone {number}"), cache_key=more.get("key", "")))
        messages.append(said[-1].message)
    return said


def test_six_turns_say_the_same_with_and_without_reuse_and_feed_only_what_is_new(model, fed):
    reused = six_turns(model, conversation="six")
    fed_reused, fed[:] = sum(fed), []
    alone = six_turns(model)
    assert [one.text for one in reused] == [one.text for one in alone]
    assert [one.last.token_ids for one in reused] == [one.last.token_ids for one in alone]
    cached = [one.usage.cached_tokens for one in reused]
    assert cached == sorted(cached) and len(set(cached)) == 6
    for before, after in pairwise(reused):  # all of the turn before, but perhaps its last token
        assert after.usage.cached_tokens >= before.usage.prompt_tokens + before.usage.generated_tokens - 1
    assert not any(one.usage.cached_tokens for one in alone)
    new = sum(one.usage.prompt_tokens - one.usage.cached_tokens for one in reused)
    assert fed_reused < new + sum(one.usage.generated_tokens for one in reused) + 6 * 3
    assert fed_reused < sum(fed) / 2


def test_an_edit_a_retry_and_a_fork_begin_where_they_differ(model):
    first = say(model, [user(QUESTIONS[0])], "edits", cache_key="")
    say(model, [user(QUESTIONS[0]), first.message, user(QUESTIONS[1])], "edits", cache_key="")
    edited = [user(QUESTIONS[0]), first.message, user(QUESTIONS[3])]
    for messages in (edited, edited, [user(QUESTIONS[0])], [user("What is " + "very " * 30 + "odd?")]):
        known = model.caches.of("edits", [0], "", True).tokens  # trimmed to nothing: what follows is fed anew
        assert known == []
        say(model, [user(QUESTIONS[0]), first.message, user(QUESTIONS[1])], "edits", cache_key="")
        again = say(model, messages, "edits", cache_key="")
        alone = say(model, messages, f"alone {len(messages)} {messages[-1].content}", cache_key="")
        assert again.text == alone.text and again.last.token_ids == alone.last.token_ids
        assert 0 < again.usage.cached_tokens < again.usage.prompt_tokens


def test_a_fork_begins_with_the_cache_of_what_it_left_and_leaves_that_as_it_was(model):
    first = say(model, [user(QUESTIONS[0])], "trunk")
    trunk = [user(QUESTIONS[0]), first.message, user(QUESTIONS[1])]
    before = say(model, trunk, "trunk")
    branch = [user(QUESTIONS[0]), first.message, user(QUESTIONS[4])]
    forked = say(model, branch, "branch")
    assert forked.usage.cached_tokens >= first.usage.prompt_tokens
    assert forked.text == say(model, branch, "alone", cache_key="").text
    again = say(model, trunk, "trunk")
    assert again.text == before.text and again.usage.cached_tokens == again.usage.prompt_tokens - 1
    assert say(model, branch, "other profile", cache_key="x" * 64).usage.cached_tokens == 0


def test_what_goes_on_from_a_session_unstored_ends_alone_and_takes_nothing_from_it(model):
    first = say(model, [user(QUESTIONS[0])], "open")
    before = [user(QUESTIONS[0]), first.message]
    aside = say(model, [*before, user(QUESTIONS[4])], "open", keep=False)
    assert aside.usage.cached_tokens >= first.usage.prompt_tokens
    model.caches.forget("open")  # whoever asked it is gone
    again = say(model, [*before, user(QUESTIONS[1])], "open")
    assert again.usage.cached_tokens >= first.usage.prompt_tokens + first.usage.generated_tokens - 1
    assert not say(model, before, "open", cache_key="", keep=False).usage.cached_tokens


def test_a_generation_that_breaks_leaves_no_cache_that_lies(model, monkeypatch):
    messages = [user(QUESTIONS[0])]
    right = say(model, messages, "broken")

    def breaks(*_):
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(generation.TextStream, "add", breaks)
        with pytest.raises(RuntimeError):
            say(model, messages, "broken")
    again = say(model, messages, "broken", cache_key="")
    assert again.usage.cached_tokens == 0 and again.text == right.text


def test_a_cache_that_cannot_be_trimmed_says_the_same(model, monkeypatch):
    openings = ("<tool_call>", "I'll use the read_file tool.", "I'll use it", "A list")
    messages = [user(QUESTIONS[1])]
    more = {"openings": openings, "candidates": 2, "cache_key": ""}
    right = say(model, messages, "a", **more)
    monkeypatch.setattr(KVCache, "is_trimmable", lambda _: False)
    stiff = say(model, messages, "b", **more)
    assert [one.text for one in stiff.finished] == [one.text for one in right.finished]
    assert stiff.likelihoods[0].by_opening == pytest.approx(right.likelihoods[0].by_opening, rel=1e-3, abs=1e-6)
    follow = [*messages, stiff.message, user(QUESTIONS[0])]
    assert say(model, follow, "b", **more).text == say(model, follow, "c", **more).text


def test_a_cache_that_can_no_longer_be_trimmed_in_mid_message_says_the_same(model, monkeypatch):
    """As that of a sliding window, once it is full."""
    messages, more = (
        [user(QUESTIONS[1])],
        {"candidates": 3, "cache_key": "", "sampling": Sampling(temp=1.0, seed=1, max_tokens=24)},
    )
    right = say(model, messages, "d", **more)
    monkeypatch.setattr(KVCache, "is_trimmable", lambda cache: cache.offset < right.usage.prompt_tokens + 8)
    full = say(model, messages, "e", **more)
    assert [one.text for one in full.finished] == [one.text for one in right.finished]
    assert [one.text for one in say(model, messages, "e", **more).finished] == [one.text for one in right.finished]


@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantised_cache_is_smaller_and_goes_on_as_any_other(folder, model, bits):
    small = loaded(folder=folder, saved_bytes=0, kv_bits=bits)
    said = [say(one, [user(QUESTIONS[0])], "bits") for one in (model, small)]
    assert said[1].text and not said[1].last.notes
    again = say(small, [user(QUESTIONS[0])], "bits")
    assert again.text == said[1].text and again.usage.cached_tokens == again.usage.prompt_tokens - 1
    sizes = [one.caches.of("bits", [0, 0], KEY, True).bytes for one in (model, small)]
    assert sizes[1] < 0.5 * sizes[0]


def test_a_cache_that_cannot_be_quantised_is_kept_as_it_is_and_that_is_said_once(folder, monkeypatch):
    monkeypatch.setattr("codemode_tui.engine.caching.head_width", lambda _: 20)
    model = loaded(folder=folder, saved_bytes=0, kv_bits=4)
    said = [say(model, [user(QUESTIONS[0])], max_tokens=4) for _ in range(2)]
    assert "not quantised" in said[0].last.notes[0] and not said[1].last.notes


class Odd:
    """A model whose layers keep something else than keys and values."""

    layers = ()

    def make_cache(self):
        from mlx_lm.models.cache import RotatingKVCache

        return [KVCache(), RotatingKVCache(max_size=8)]


def test_kinds_that_mlx_lm_cannot_quantise_are_named():
    assert "RotatingKVCache" in Caches(Odd(), kv_bits=8).note
    assert not Caches(Odd()).note


def test_of_many_conversations_the_newest_stay(model):
    for number in range(6):
        say(model, [user(f"What is {number}?")], f"many {number}", max_tokens=2, cache_key="")
    cached = [
        say(model, [user(f"What is {number}?")], f"many {number}", max_tokens=2, cache_key="").usage.cached_tokens
        for number in (5, 4, 3, 2, 0)
    ]
    assert all(cached[:4]) and not cached[4]


def test_bytes_too_are_bounded(model):
    caches = Caches(model.model, max_bytes=1)
    for name in ("a", "b"):
        live = caches.of(name, [1, 2, 3])
        model.forward(mx.array([[1, 2, 3]]), cache=live.kv)
        live.tokens += [1, 2, 3]
    caches.of("c", [1])
    assert not caches.of("a", [1, 2, 3, 4]).tokens


def test_room_is_made_before_a_conversation_grows_not_after(folder):
    model = loaded(folder=folder, saved_bytes=0)
    first = say(model, [user(QUESTIONS[0])], "first", cache_key="")
    bytes_of_one = model.caches.of("first", [1, 2], "", True).bytes
    for most, stays in ((3 * bytes_of_one, True), (bytes_of_one * 3 // 2, False)):
        tight = loaded(folder=folder, saved_bytes=0, cache_bytes=most, token_bytes=bytes_of_one // 256)
        say(tight, [user(QUESTIONS[0])], "first", cache_key="")
        say(tight, [user(QUESTIONS[1])], "second", cache_key="", max_tokens=200)
        again = say(tight, [user(QUESTIONS[0])], "first", cache_key="", max_tokens=1)
        assert bool(again.usage.cached_tokens) == stays and again.text == first.text[: len(again.text)]


def test_room_is_made_before_a_saved_conversation_is_read_into_memory(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    say(model := loaded(folder=folder), [user(QUESTIONS[0])], "saved")
    model.caches.save(ending=True)
    size = model.caches.of("saved", [1, 2], KEY, True).bytes
    model = loaded(folder=folder, cache_bytes=size * 9 // 8)
    say(model, [user(QUESTIONS[1])], "other")
    there = []
    load = model.caches._disk.load
    monkeypatch.setattr(model.caches._disk, "load", lambda *a: (there.extend(model.caches._live), load(*a))[1])
    assert say(model, [user(QUESTIONS[0])], "saved").usage.cached_tokens and there == []


def test_a_saved_conversation_that_is_larger_than_all_room_is_read_anew_as_text(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    first = say(model := loaded(folder=folder), [user(QUESTIONS[0])], "saved")
    model.caches.save(ending=True)
    tight = loaded(folder=folder, cache_bytes=kv_files.file_of("saved").stat().st_size // 2)
    monkeypatch.setattr(tight.caches._disk, "load", lambda *a: pytest.fail("read into memory"))
    again = say(tight, [user(QUESTIONS[0])], "saved")
    assert again.text == first.text and again.usage.cached_tokens == 0


@pytest.mark.parametrize("kv_bits", [0, 8])
def test_while_a_conversation_is_saved_no_second_copy_of_it_is_in_memory(model, monkeypatch, tmp_path, kv_bits):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    live = Live(lambda: [KVCache().to_quantized(bits=kv_bits) if kv_bits else KVCache() for _ in range(32)])
    for layer in live.kv:
        layer.update_and_fetch(*[mx.random.normal((1, 2, 1000, 64)) for _ in range(2)])
    mx.eval([layer.state for layer in live.kv])
    live.tokens, live.key = [1] * 900, KEY  # an answer was taken back
    caches = Caches(model.model, kv_bits=kv_bits, disk_bytes=1 << 30)
    caches._live["s", True] = live
    mx.clear_cache()
    mx.reset_peak_memory()
    before = mx.get_active_memory()
    caches.save(ending=True)
    assert mx.get_peak_memory() - before < live.bytes / 8
    found = caches._disk.load("s", KEY, live.kv)
    assert found is not None and all(layer.offset == 900 == len(found[1]) for layer in found[0])
    assert all(mx.array_equal(one.values[0], read.values[0]) for one, read in zip(live.kv, found[0], strict=True))
