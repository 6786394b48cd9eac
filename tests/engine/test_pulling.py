"""A model is downloaded from a stand-in hub: whole or not at all, and never twice."""

from __future__ import annotations

import json
import os
import shutil
from collections import namedtuple
from itertools import pairwise
from pathlib import Path

import pytest
from support.hub import COMMIT, Hub, serving

from codemode_tui import locations
from codemode_tui.engine import pulling
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.engine.pulling import Progress, pull
from codemode_tui.engine.registry import entries
from codemode_tui.errors import ModelError

WEIGHTS = "model.safetensors"


@pytest.fixture(autouse=True)
def hub(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 1 << 18)  # the model is a small one
    monkeypatch.setattr("time.sleep", lambda _: None)  # between the library's own tries
    folder = Path(shutil.copytree(locations.bundled_model(), tmp_path / "origin"))
    with serving(folder) as found:
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        yield found


def refused(*words: str, revision: str | None = None, repository: str = "team/tiny") -> ModelError:
    """What a download is refused with; nothing can be found then."""
    with pytest.raises(ModelError) as caught:
        pull(repository, revision)
    assert all(word in caught.value.line() for word in words), caught.value.line()
    assert [one.name for one in entries()] == ["bundled"]
    return caught.value


def test_what_is_needed_comes_and_is_the_same_model(hub):
    told: list[Progress] = []
    found = pull("team/tiny", tell=told.append)
    ref = find_model("team/tiny")
    assert ref.path == found.path and found.revision == COMMIT and found.bytes == found.fetched > 5_000_000
    assert inspect(ref, fresh=True).weights_sha256 == inspect(find_model(None)).weights_sha256
    assert {one.name for one in found.path.iterdir()}.isdisjoint({"README.md", "loss.svg"})
    assert told[0].done == 0 and told[-1].done == told[-1].total == found.bytes
    assert all(a.done <= b.done for a, b in pairwise(told))


def test_what_is_there_does_not_come_again(hub):
    pull("team/tiny")
    hub.got.clear()
    again = pull("team/tiny")
    assert again.fetched == 0 and hub.got == []


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_is_taken_up_again(hub, ranges):
    hub.breaks, hub.ranges = [1_000_000, 2_000_000, 500_000], ranges
    pull("team/tiny")
    starts = [int(line.split()[2]) for line in hub.got if WEIGHTS in line]
    assert len(starts) == 4 and (starts[-1] > 2_000_000) == ranges
    assert inspect(find_model("team/tiny"), fresh=True).weights_sha256 == inspect(find_model(None)).weights_sha256


def test_a_download_that_was_stopped_goes_on_where_it_was_and_is_no_model_until_then(hub):
    def stop(now: Progress) -> None:
        if now.file == WEIGHTS and now.done > 3_000_000:
            raise KeyboardInterrupt

    hub.breaks = [3_500_000]
    with pytest.raises(KeyboardInterrupt):
        pull("team/tiny", tell=stop)
    assert [one.name for one in entries()] == ["bundled"]
    with pytest.raises(ModelError, match="no model") as caught:
        find_model("team/tiny")
    assert "codemode model pull team/tiny goes on with it" in caught.value.hint
    hub.got.clear()
    found = pull("team/tiny")
    (start,) = [int(line.split()[2]) for line in hub.got if WEIGHTS in line]
    assert start > 2_000_000 and found.fetched < found.bytes - 2_000_000
    assert inspect(find_model("team/tiny"), fresh=True)


def test_weights_that_are_not_what_the_hub_has_are_thrown_away(hub):
    hub.digests[WEIGHTS] = "ab" * 32
    refused("is damaged", "goes on where it was")
    hub.digests.clear()
    pull("team/tiny")
    assert sum(WEIGHTS in line for line in hub.got) == 2


def test_weights_that_come_again_are_held_to_the_hub_too(hub):
    found = pull("team/tiny").path
    (found / WEIGHTS).resolve().unlink()
    spoilt = bytearray((hub.folder / WEIGHTS).read_bytes())
    spoilt[-1] ^= 1
    hub.digests[WEIGHTS] = (found / WEIGHTS).readlink().name
    (hub.folder / WEIGHTS).write_bytes(spoilt)
    with pytest.raises(ModelError, match="is damaged"):
        pull("team/tiny")


def test_a_torn_part_of_another_file_is_not_gone_on_with(hub, tmp_path):
    data = (hub.folder / "tokenizer.json").read_bytes()
    blobs = tmp_path / "hf/hub/models--team--tiny/blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{hub.digest('tokenizer.json')}.incomplete").write_bytes(bytes(len(data) - 5))
    refused("tokenizer.json", "is not what the hub has", "run the same command again")
    assert (pull("team/tiny").path / "tokenizer.json").read_bytes() == data


def test_a_tokenizer_that_was_damaged_since_is_found_when_all_is_verified(hub):
    found = pull("team/tiny").path / "tokenizer.json"
    found.resolve().write_bytes(found.read_bytes().replace(b"the", b"teh", 1))
    assert inspect(find_model("team/tiny"))
    with pytest.raises(ModelError, match=r"tokenizer\.json is damaged"):
        inspect(find_model("team/tiny"), fresh=True)


def test_a_size_that_changes_meanwhile_is_not_believed(hub):
    def info() -> dict:
        said = Hub.info(hub)
        hub.sizes[WEIGHTS] = hub.size(WEIGHTS) + 5
        return said

    hub.info = info
    refused(WEIGHTS, "is said to have")


def test_less_than_was_said_is_an_error_and_not_a_model(hub):
    hub.sizes[WEIGHTS] = hub.size(WEIGHTS) + 1000
    refused("could not be downloaded", "goes on where it was")


def test_the_version_before_answers_until_the_new_one_is_whole(hub):
    first = pull("team/tiny").path
    hub.commit = "beef" * 10
    hub.refusal = None
    hub.digests[WEIGHTS] = "cd" * 32
    with pytest.raises(ModelError):
        pull("team/tiny")
    assert find_model("team/tiny").path == first
    hub.digests.clear()
    assert pull("team/tiny").path == find_model("team/tiny").path != first


def test_a_revision_does_not_become_the_newest(hub):
    first = pull("team/tiny").path
    hub.commit = "beef" * 10
    assert pull("team/tiny", hub.commit).path.name == hub.commit
    assert find_model("team/tiny").path == first
    with pytest.raises(ModelError, match="has no revision 'none'"):
        pull("team/tiny", "none")


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ((404, "RepoNotFound"), ("there is no repository", "HF_TOKEN")),
        ((401, "RepoNotFound"), ("there is no repository", "HF_TOKEN")),
        ((403, "GatedRepo"), ("wants its terms to be accepted", "HF_TOKEN")),
        ((403, ""), ("answers 403", "HF_TOKEN")),
        ((500, ""), ("answers 500",)),
        ((429, ""), ("answers 429", "wait")),
    ],
)
def test_a_refusal_of_the_hub_says_what_to_do(hub, refusal, words):
    hub.refusal = refusal
    refused(*words)


@pytest.mark.parametrize("commit", ["../../../../victim", "main", "", "c0ffee", "\u0660" * 40])
def test_a_commit_that_would_lead_out_of_the_cache_is_none(hub, tmp_path, commit):
    """The address of a hub is anybody's (``HF_ENDPOINT``): what it calls a commit becomes part of a path."""
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "config.json").write_text("mine")
    hub.commit = commit
    refused("which commit", "HF_ENDPOINT")
    assert (victim / "config.json").read_text() == "mine" and [one.name for one in victim.iterdir()] == ["config.json"]
    assert hub.got == []


@pytest.mark.parametrize("answer", [lambda _: {}, lambda _: [], lambda whole: {**whole, "config": "x"}])
def test_what_answers_and_is_no_hub_is_said_so(hub, monkeypatch, answer):
    made = answer(hub.info())
    monkeypatch.setattr(hub, "info", lambda: made)
    refused("HF_ENDPOINT")


def test_a_repository_that_was_never_there_leaves_none_in_the_cache(hub, tmp_path):
    refused("there is no repository", repository="nobody/typo")
    assert not list((tmp_path / "hf" / "hub").glob("models--*"))


def test_a_token_is_sent(hub, monkeypatch):
    hub.token = "hf_secret"
    refused("HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert pull("team/tiny").fetched


def test_a_hub_that_is_not_there_is_said_so(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    refused("http://127.0.0.1:9", "cannot be reached")


@pytest.mark.parametrize(
    "name", ["tiny", "a/b/c", "../x", "a b/c", "", "a/b.git", "a--b/c", "a/-b", "a/b.", "a/b..c", "a/b\n"]
)
def test_what_is_no_name_of_a_repository_is_not_asked_for(name):
    refused("owner/name", repository=name)


@pytest.mark.parametrize("lost", [WEIGHTS, "config.json", "tokenizer.json"])
def test_a_repository_that_is_no_such_model_is_refused_before_anything_comes(hub, lost):
    hub.names.remove(lost)
    refused("has no ", "mlx")
    assert hub.got == []


def test_a_type_that_nothing_can_load_is_refused_before_anything_comes(hub):
    config = hub.folder / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "model_type": "an_image_model"}))
    refused("does not know the model type 'an_image_model'")
    assert hub.got == []


def test_a_tokenizer_that_does_not_fit_makes_no_model(hub):
    file = hub.folder / "tokenizer.json"
    table = json.loads(file.read_text())
    table["added_tokens"] = [one for one in table["added_tokens"] if one["content"] != "<|im_end|>"]
    file.write_text(json.dumps(table))
    refused("has no token <|im_end|>")


def test_a_model_that_other_programs_use_is_left_to_them_when_it_is_refused(hub):
    found = pull("team/tiny").path
    (hub.folder / "tokenizer.json").rename(hub.folder / "tokenizer.json.away")
    table = json.loads((hub.folder / "tokenizer.json.away").read_text())
    table["added_tokens"] = [one for one in table["added_tokens"] if one["content"] != "<|im_end|>"]
    (hub.folder / "tokenizer.json").write_text(json.dumps(table))
    (found / "tokenizer.json").unlink()
    (found / "tokenizer.json").write_text(json.dumps(table))  # whole, and none that could answer here
    with pytest.raises(ModelError, match="has no token"):
        pull("team/tiny")
    assert (found / "config.json").is_file()


@pytest.fixture
def full_disk(monkeypatch):
    usage = namedtuple("usage", "total used free")

    def fill() -> None:
        monkeypatch.setattr(pulling.shutil, "disk_usage", lambda _: usage(0, 0, 201_000_000))

    return fill


def test_a_disk_that_is_too_small_is_noticed_before_anything_comes(hub, full_disk, tmp_path):
    full_disk()
    blobs = tmp_path / "hf/hub/models--team--tiny/blobs"
    blobs.mkdir(parents=True)
    with (blobs / f"{'dead' * 16}.incomplete").open("wb") as part:  # of a revision that nobody wants any more
        part.truncate(6_000_000)
    refused("the download needs 6 MB", "0.2 GB left", "HF_HOME")
    assert hub.got == []


def test_a_mac_is_warned_of_a_small_disk_which_has_more_than_it_says(hub, full_disk, monkeypatch):
    full_disk()
    monkeypatch.setattr(pulling, "PURGES", True)
    said: list[str] = []
    assert pull("team/tiny", warn=said.append).fetched
    (words,) = said
    assert "needs 6 MB" in words and "0.2 GB left" in words


def test_a_new_revision_of_the_same_files_needs_no_room_at_all(hub, full_disk):
    first = pull("team/tiny").path
    hub.commit = "beef" * 10
    hub.got.clear()
    full_disk()
    told: list[Progress] = []
    again = pull("team/tiny", tell=told.append)
    assert again.path != first and again.fetched == 0 and hub.got == []
    assert {one.done for one in told} == {again.bytes}


def test_a_cache_that_cannot_be_written_is_said_so(hub, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="cannot be written"):
        pull("team/tiny")


def test_two_downloads_of_one_model_do_not_meet(hub, tmp_path):
    def meet(_: Progress) -> None:
        with pytest.raises(ModelError, match="is being pulled already"):
            pull("team/tiny")

    pull("team/tiny", tell=meet)
    assert os.listdir(tmp_path / "hf" / "hub" / "models--team--tiny" / "refs") == ["main"]
