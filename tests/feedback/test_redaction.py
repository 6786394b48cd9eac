"""Redaction takes out whole values, the same value alike, and nothing else."""

import re

import pytest
from feedback.histories import call
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.corpus.secrets import SHAPES, kinds
from codemode_tui.feedback import gates
from codemode_tui.feedback.example import Example, Said
from codemode_tui.feedback.redaction import Person, Redactor, rules

ADA = Person("/home/ada", "ada", "adas-mbp.local")
RULES = rules(ADA)
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc/+=\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("open('/home/ada/notes.txt')", "open('~/notes.txt')"),
        ("/Users/bob/x and /home/bob", "~/x and ~"),
        (r"C:\Users\Bob\notes.txt", r"~\notes.txt"),
        (r"C:\Users\John Smith\x C:\Users\José D'Or\y, c:\users\Müller and \z", r"~\x ~\y, ~ and \z"),
        (r"open('C:\\Users\\John Smith\\x') C:\\Users\\bob and\n", r"open('~\\x') ~ and\n"),
        ("C:/Users/John Smith/x, /mnt/c/Users/John Smith/x, file:///C:/Users/bob", "~/x, ~/x, file:///~"),
        ("cp C:/Users/bob, /home/bob notes/x", "cp ~, ~ notes/x"),
        ("/mnt/c/Users/jane/x and '/var/home/jane/y'", "~/x and '~/y'"),
        ("cd /System/Volumes/Data/Users/jane; ls /export/home/jane/z", "cd ~; ls ~/z"),
        ("https://x.org/var/home/bob", "https://x.org/var/home/bob"),
        ("https://x.org/home/ada/page", "https://x.org/home/<USER>/page"),
        ("write to ada.l@corp.co.uk!", "write to <EMAIL:1>!"),
        ("mailto:ada@corp.de or email:bob@corp.de", "mailto:<EMAIL:1> or email:<EMAIL:2>"),
        ('print("a\\nbob@corp.de")', 'print("a\\n<EMAIL:1>")'),
        ("notes.txt:3:jane@corp.com From:bob@corp.com", "notes.txt:3:<EMAIL:1> From:<EMAIL:2>"),
        ("mailto:j@corp.de -jane@corp.com", "mailto:<EMAIL:1> -jane@corp.com"),
        ("+jane@corp.com\n-bob@corp.com", "+<EMAIL:1>\n-<EMAIL:2>"),
        ("-/home/bob/x\n+/home/ada/x", "-~/x\n+~/x"),
        (r"print('\n-/home/bob/x\n+jane@corp.com')", r"print('\n-~/x\n+<EMAIL:1>')"),
        ("redis://:secretpw@h1", "redis://:<SECRET:password:1>@h1"),
        ("file:///home/bob/x and cc -I/home/bob/include", "file://~/x and cc -I~/include"),
        ('print("a\\n/home/bob/x") /Users/José/x', 'print("a\\n~/x") ~/x'),
        ("ADA.L@corp.co.uk ada.l@corp.co.uk bob@corp.de", "<EMAIL:1> <EMAIL:1> <EMAIL:2>"),
        ("ssh ada@10.1.2.3", "ssh <USER>@<IP:1>"),
        ("fe80::1ff:fe23:4567:890a and 2a00:1450:4001:82a::200e", "<IP:1> and <IP:2>"),
        ("ada on adas-mbp.local, adas-mbp", "<USER> on <HOST>, <HOST>"),
        ("postgres://bob:hunter22@db.corp.com/x", "postgres://bob:<SECRET:password:1>@db.corp.com/x"),
        ("postgres://u:pa@ss@db.corp.com/x", "postgres://u:<SECRET:password:1>@db.corp.com/x"),
        (f"key: {KEY}.", "key: <SECRET:private-key:1>."),
        ("AWS_SECRET_ACCESS_KEY=" + "aB1/" * 10, "AWS_SECRET_ACCESS_KEY=<SECRET:credential:1>"),
        ("AccountName=ab;AccountKey=" + "aB1/" * 21 + "aB==;x", "AccountName=ab;AccountKey=<SECRET:credential:1>;x"),
        ("curl -H 'X-API-Key: 0123456789abcdef'", "curl -H 'X-API-Key: <SECRET:credential:1>'"),
        (r'{\"x-api-key\": \"0123456789abcdef\"}', r'{\"x-api-key\": \"<SECRET:credential:1>\"}'),
        ('"Authorization": "Bearer abcdef0123456789.xyz"', '"Authorization": "Bearer <SECRET:credential:1>"'),
        ("AUTHORIZATION=BEARER abcdef0123456789", "AUTHORIZATION=BEARER <SECRET:credential:1>"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic <SECRET:credential:1>"),
        ("{'authorization': 'token 0123456789abcdef'}", "{'authorization': 'token <SECRET:credential:1>'}"),
        ("öalice@corp.io me@müller.de почта@пример.рф", "<EMAIL:1> <EMAIL:2> <EMAIL:3>"),
    ],
)  # fmt: skip
def test_what_is_replaced(text, becomes):
    assert Redactor(RULES)(text) == becomes


@pytest.mark.parametrize(
    "text",
    [
        "git@github.com:ada-l/x.git", "someone@example.com", "x@w.sum(axis=0)", "y = a @ b.T", "@app.route('/')",
        "lambda q:q@k.mT", "x[:a@b.shape]", "W:x@w.grad+1",
        "127.0.0.1:8000 0.0.0.0 255.255.255.0 192.0.2.7", "version 10.0.19041.1288", "v1.2.3", "300.1.1.1",
        "x[1::2] + y[2001::2]", "12:30:45", "a::b", "::1", "2001:db8::1", "adapter canada ada_lib",
        "/home/", "~/x", "./home/x", "sk-learn-pipeline-of-things", "Authorization: Basic authentication",
        "Authorization: Bearer YOUR_ACCESS_TOKEN", "α@β.T", "postgres://user:password@localhost/x",
        "X-API-Key: YOUR-API-KEY-NUMBER-1", "{'x-api-key': settings.long_name_of_the_key_2}",
        "hvs.a_long_name_of_a_function", r"C:\Users\Public\x",
        "postgres://user:password@db.corp.com/x", "redis://:secret@db.corp.com", "W:x@w.grad",
    ],
)  # fmt: skip
def test_what_stays(text):
    assert Redactor(RULES)(text) == text


@pytest.mark.parametrize("name", ["", "me", "root", "max", "class", "print", "Ubuntu"])
def test_names_that_are_ordinary_words_are_left_alone(name):
    text = f"print(max(1, 2)) # me, root, class, ubuntu {name}"
    assert Redactor(rules(Person("", name, name)))(text) == text


def test_one_value_has_one_placeholder_in_prompt_chosen_and_rejected():
    one, two = "ghp_" + "a" * 36, "ghp_" + "b" * 36
    prompt = (Said("system", f"S {one}"), Said("user", f"use {one} or {two}"))
    example = Example("t", 0, prompt, chosen=call(f"print('{two}')"), rejected=f"{one}?", comment=two)
    found, hits = gates.redacted(example, RULES)
    assert found.prompt == (prompt[0], Said("user", "use <SECRET:github-token:1> or <SECRET:github-token:2>"))
    assert (found.chosen, found.rejected) == (call("print('<SECRET:github-token:2>')"), "<SECRET:github-token:1>?")
    assert found.comment == "<SECRET:github-token:2>"
    assert [(where, hit.found) for where, hit in hits] == [
        ("prompt", one), ("prompt", two), ("chosen", two), ("rejected", one), ("comment", two),
    ]  # fmt: skip


SECRETS = st.sampled_from([shape for shape in SHAPES if shape.name != "private key"]).flatmap(
    lambda shape: st.from_regex(re.compile(shape.pattern.pattern, re.ASCII), fullmatch=True)
)
FILL = st.text(alphabet=st.sampled_from("abz019 _-.:/@'\"=\n\\<>"), max_size=12)


@given(st.lists(st.tuples(FILL, SECRETS | st.just(KEY) | st.just("")), max_size=4), FILL)
def test_no_credential_is_left_wherever_it_stands(parts, end):
    text = "".join(before + secret for before, secret in parts) + end
    redacted = Redactor(RULES)(text)
    # What cannot be taken out whole (a key that never ends) is for the gate to refuse.
    assert set(kinds(redacted)) <= {"private key"} or gates.refuse_rejected(redacted, ()) == "secret"
    assert len(kinds(redacted)) <= len(kinds(text))


@given(st.lists(st.tuples(SECRETS, st.sampled_from([" ", "\n", "', '", "\\n"])), min_size=1, max_size=4))
def test_credentials_that_stand_apart_are_all_taken_out(parts):
    assert kinds(Redactor(RULES)("x " + "".join(secret + gap for secret, gap in parts))) == []


@given(st.text(max_size=200))
def test_redacting_twice_changes_nothing_more(text):
    once = Redactor(RULES)(text)
    assert Redactor(RULES)(once) == once


def test_a_private_key_that_never_ends_is_left_to_the_gate():
    text = KEY[:50]
    assert Redactor(RULES)(text) == text and kinds(text) == ["private key"]
