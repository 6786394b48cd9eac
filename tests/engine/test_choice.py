"""Choosing a model changes the settings and can be taken back; what is not whole is never chosen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from codemode_tui import config, locations
from codemode_tui.engine import choice
from codemode_tui.engine.choice import Chosen
from codemode_tui.engine.models import find_model
from codemode_tui.errors import ConfigError, ModelError


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.chdir(tmp_path)


def model(name: str) -> Path:
    """A whole model folder of that name in the current one."""
    return Path(shutil.copytree(locations.bundled_model(), Path(name)))


def test_a_chosen_model_is_found_from_any_folder_and_can_be_taken_back_step_by_step(tmp_path):
    for name in ("one", "two"):
        model(name)
    assert choice.previous() is None
    first, second = choice.use("one"), choice.use("./two", "phase22")
    assert (first.before, first.now) == (Chosen("bundled"), Chosen(str(tmp_path / "one")))
    settings = config.load_settings(locations.config_file()).model
    assert (settings.default, settings.profile) == (str(tmp_path / "two"), "phase22")
    assert second.now == Chosen(str(tmp_path / "two"), "phase22") == choice.current()
    assert choice.previous() == str(tmp_path / "one")
    assert choice.back().now == first.now == choice.current()
    assert choice.back().now == Chosen("bundled")
    with pytest.raises(ModelError, match="no model was chosen before"):
        choice.back()


def test_a_model_of_the_cache_stays_that_where_there_is_a_folder_of_its_name(tmp_path):
    cached = shutil.copytree(locations.bundled_model(), tmp_path / "hf/hub/models--team--tiny/snapshots/abc")
    folder = model("team/tiny")
    assert choice.use("team/tiny").now == Chosen("team/tiny")
    assert find_model("team/tiny").path == cached
    assert choice.use("./team/tiny").now == Chosen(str(folder.resolve()))
    assert find_model("./team/tiny").path == folder.resolve()


def test_a_profile_belongs_to_its_model():
    model("one")
    choice.use("bundled", "phase22")
    choice.use("one")
    assert choice.current().profile is None
    assert choice.back().now == Chosen("bundled", "phase22") == choice.current()


def test_choosing_the_same_again_is_no_step():
    model("one")
    choice.use("one")
    choice.use("one")
    assert choice.back().now == Chosen("bundled") and choice.previous() is None


def test_comments_and_other_settings_of_the_file_stay():
    locations.private_dir(locations.config_dir())
    locations.config_file().write_text("# mine\n[sampling]\ntemp = 0.5  # warm\n")
    model('odd "name"\\ ü😀')
    choice.use('odd "name"\\ ü😀')
    text = locations.config_file().read_text()
    assert "# mine" in text and "temp = 0.5  # warm" in text
    assert choice.current().model.endswith('odd "name"\\ ü😀')


def test_what_is_not_whole_is_not_chosen():
    folder = model("one")
    os.truncate(folder / "model.safetensors", 1000)
    for name in ("one", "nothing-here"):
        with pytest.raises(ModelError):
            choice.use(name)
    assert not locations.config_file().exists() and choice.previous() is None


def test_going_back_to_a_model_that_is_gone_changes_nothing():
    folder = model("one")
    choice.use("one")
    choice.use("bundled")
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match="no model"):
        choice.back()
    assert choice.current() == Chosen("bundled")


def test_a_settings_file_that_is_wrong_stays_as_it_is():
    locations.private_dir(locations.config_dir())
    locations.config_file().write_text("[model]\nnonsense = 1\n")
    model("one")
    with pytest.raises(ConfigError, match="nonsense"):
        choice.use("one")
    assert locations.config_file().read_text() == "[model]\nnonsense = 1\n"


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}'])
def test_a_torn_history_is_none(text):
    locations.private_dir(locations.data_dir())
    (locations.data_dir() / "models.json").write_text(text)
    model("one")
    choice.use("one")
    assert choice.back().now == Chosen("bundled")


def test_a_project_that_names_another_model_is_mentioned():
    Path(".codemode.toml").write_text('[model]\ndefault = "bundled"\n')
    model("one")
    assert choice.use("one").overruled_by.endswith(".codemode.toml")
    assert choice.back().overruled_by == ""


def test_a_project_that_names_the_same_model_in_other_words_is_not(tmp_path):
    model("one")
    for named in ("./one", "one", str(tmp_path / "one")):
        Path(".codemode.toml").write_text(f'[model]\ndefault = "{named}"\n')
        assert choice.use("one").overruled_by == ""


def test_the_bundled_model_can_be_chosen_too_which_is_no_step():
    assert choice.undecided()
    choice.use("bundled")
    assert not choice.undecided() and choice.previous() is None


def test_a_project_whose_file_is_broken_is_said_so_before_anything_has_changed(tmp_path):
    model("one")
    choice.use("one")
    Path(".codemode.toml").write_text("[model")
    for change in (choice.back, lambda: choice.use("bundled")):
        with pytest.raises(ConfigError, match="not valid TOML"):
            change()
        assert choice.current().model == str(tmp_path / "one") and choice.previous() == "bundled"


def test_a_project_decides_for_those_who_work_in_it(tmp_path):
    Path(".codemode.toml").write_text('[model]\ndefault = "bundled"\n')
    assert choice.undecided() and not choice.undecided(tmp_path)


def test_a_folder_of_the_name_of_a_project_s_file_is_none(tmp_path):
    model("one")
    (tmp_path / config.PROJECT_FILE).mkdir()
    assert choice.use("one").overruled_by == ""
