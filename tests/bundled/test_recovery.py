"""What the generator writes after a run that failed: a name that is nearly right is found, and used."""

import pytest

from codemode_tui.bundled.recipe.example import Chat, code_of
from codemode_tui.bundled.recipe.recovery import mended
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.world import World


def told(path: str, text: str, code: str, answer: str) -> Chat:
    """The conversation of one question about a file of the workspace, mended."""
    r = Source("recovery")
    world = World(r, files=0)
    world.add(r, path, text)
    chat = Chat(r, world)
    chat.user(f"a question about {path}")
    chat.call(code)
    chat.say(answer)
    mended(chat, 0)
    return chat


def average(column: str) -> str:
    return (
        'import csv\nrows = list(csv.DictReader(read_file("shop.csv").splitlines()))\n'
        f'print(sum(float(row["{column}"]) for row in rows) / len(rows))'
    )


@pytest.mark.parametrize("real", ["unit_price", "Price", "prices", "price-eur", "PRICE"])
def test_a_column_that_is_meant_is_used(real: str) -> None:
    chat = told("shop.csv", f"item,{real}\nmug,4\npan,8\n", average("price"), "There is no column price in shop.csv.")
    assert [role for role, _ in chat.turns] == ["user", *["assistant", "tool"] * 3, "assistant"]
    assert f'row["{real}"]' in code_of(chat.turns[5][1])
    assert chat.turns[-1][1] == f"It is called {real}, not price: 6.0."


@pytest.mark.parametrize("header", ["item,cost", "unit_price,list_price", "priceless,item"])
def test_columns_of_which_none_is_surely_meant_are_told(header: str) -> None:
    chat = told("shop.csv", f"{header}\n4,5\n", average("price"), "There is no column price in shop.csv.")
    assert chat.turns[-1][1].startswith("There is no column price in shop.csv. The columns are ")


def test_a_key_is_found_in_the_section_that_has_it() -> None:
    text = '{"name": "a", "server": {"host": "b", "port": 8}, "client": {"id": 1}}'
    code = 'import json\ndata = json.loads(read_file("s.json"))\nprint(data["port"])'
    chat = told("s.json", text, code, "There is no port in s.json.")
    assert chat.turns[4][1] == "name\nserver host port\nclient id"
    assert code_of(chat.turns[5][1]).endswith('print(data["server"]["port"])')
    assert chat.turns[-1][1] == "port is in server: 8."


def test_keys_are_told_without_those_of_their_sections() -> None:
    code = 'import tomllib\ndata = tomllib.loads(read_file("s.toml"))\nprint(data["port"])'
    chat = told(
        "s.toml", 'name = "a"\n[server]\nhost = "b"\n[client]\nhost = "c"\n', code, "There is no port in s.toml."
    )
    assert chat.turns[-1][1] == "There is no port in s.toml. The keys are name, server and client."


def test_a_key_that_two_sections_have_is_not_guessed() -> None:
    text = '{"server": {"port": 1}, "client": {"port": 2}}'
    code = 'import json\ndata = json.loads(read_file("s.json"))\nprint(data["port"])'
    chat = told("s.json", text, code, "There is no port in s.json.")
    assert chat.turns[-1][1] == "There is no port in s.json. The keys are server and client."
