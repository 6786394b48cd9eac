"""A server's JSON Schema as a signature: what makes no sense becomes ``Any``, and nothing takes long."""

from __future__ import annotations

import contextlib
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.tools.mcp.schema import signature_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "required", "$ref", "anyOf", "enum", "items", "x", "default"]),
            inner | st.sampled_from(["string", "array", "object", "#/properties/x", ["integer", "null"]]),
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON, JSON)
def test_any_json_is_some_signature_that_arguments_can_be_checked_against(schema, result):
    signature, arguments = signature_of(schema, result)
    assert list(arguments) == list(signature.parameters)
    for parameter in signature.parameters.values():
        with contextlib.suppress(msgspec.ValidationError):
            msgspec.convert({"a": [1]}, parameter.annotation)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ({"type": "string"}, "str"),
        ({"type": "integer"}, "int"),
        ({"type": "number"}, "float"),
        ({"type": ["integer", "null"]}, "int | None"),
        ({"type": "array", "items": {"type": "string"}}, "list[str]"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "dict[str, float]"),
        ({"anyOf": [{"type": "string"}, {"type": "boolean"}]}, "str | bool"),
        ({"$ref": "#/$defs/Point"}, "dict[str, typing.Any]"),
        ({"enum": ["a", "b"]}, "Literal['a', 'b']"),
        ({"enum": list(range(1000))}, "Any"),
        ({"enum": [0, 2**64 - 1]}, "Any"),
        ({"anyOf": [{"const": f"{i}"} for i in range(100)]}, "Any"),
        ({"anyOf": [{"type": "null"}, {"type": "null"}, {"type": "string"}]}, "None | str"),
        ({"$ref": "#/$defs/Far/a/b/c/d/e/f"}, "int"),
        ({"$ref": "#/$defs/Far" + "/a" * 100}, "Any"),
        ({"enum": ["\u202e"]}, r"Literal['\u202e']"),
        ({"$ref": "http://127.0.0.1:1/schema"}, "Any"),
        ({"$ref": "#/properties/x"}, "Any"),
        ({"type": "string", "pattern": "(a+)+$"}, "str"),
        ("string", "Any"),
    ],
)
def test_types_are_those_of_python(kind, shown):
    far = {"type": "string", "a": {"b": {"c": {"d": {"e": {"type": "boolean", "f": {"type": "integer"}}}}}}}
    known = {"Point": {"type": "object", "properties": {}}, "Far": far}
    schema = {"properties": {"x": kind}, "required": ["x"], "$defs": known}
    assert str(signature_of(schema)[0]).removeprefix("(x: ").removeprefix("typing.").startswith(shown)


@pytest.mark.parametrize("key", ["anyOf", "oneOf"])
def test_every_one_of_many_choices_may_be_given(key):
    choices = ["low", "a", "b", "c", "d", "e", "high"]
    schema = {"properties": {"x": {key: [{"const": one} for one in choices]}}, "required": ["x"]}
    kind = signature_of(schema)[0].parameters["x"].annotation
    assert [msgspec.convert(one, kind) for one in choices] == choices
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert("other", kind)
    every = ["array", "boolean", "integer", "null", "number", "object", "string"]
    kind = signature_of({"properties": {"x": {"type": every}}, "required": ["x"]})[0].parameters["x"].annotation
    assert msgspec.convert("text", kind) == "text"


def test_required_arguments_come_first_and_names_lead_back_to_the_servers():
    schema = {
        "properties": {
            "class": {"type": "string"},
            "user-id": {"type": "integer", "default": 7},
            "n": {"type": "integer"},
        },
        "required": ["n"],
    }
    signature, arguments = signature_of(schema)
    assert str(signature) == "(n: int, class_: str | None = None, user_id: int = 7) -> Any"
    assert arguments == {"n": "n", "class_": "class", "user_id": "user-id"}


@pytest.mark.parametrize("default", [math.nan, math.inf, -math.inf])
def test_a_default_that_json_has_not_is_none(default):
    schema = {"properties": {"x": {"type": "number", "default": default}}}
    assert str(signature_of(schema)[0]) == "(x: float | None = None) -> Any"


def test_what_is_no_object_is_returned_without_its_wrapper():
    wrapper = {"type": "object", "properties": {"result": {"type": "integer"}}, "required": ["result"]}
    assert signature_of({}, wrapper)[0].return_annotation is int


def test_a_schema_without_end_is_read_in_no_time():
    endless = {"anyOf": [{"$ref": "#/$defs/a"}] * 50}
    schema = {"$defs": {"a": endless}, "properties": {f"p{i}": endless for i in range(5000)}}
    assert len(signature_of(schema)[0].parameters) == 60
