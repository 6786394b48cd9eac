"""What stands in the files of a set: longest line, frequent words, doubles, loops inside loops."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import FileSet, ask_about, some_set
from codemode_tui.bundled.recipe.file_units import some_unit, some_word
from codemode_tui.bundled.recipe.many_totals import no_such
from codemode_tui.bundled.recipe.phrasing import quoted


def longest_line(c: Chat) -> None:
    """The longest line of all, and where it is."""
    files = some_set(c)
    c.user(ask_about(c, "many_longest_line", files))
    out, _ = c.call(
        f'longest = ""\nfound = ""\nfor path in {files.code}:\n    for line in read_file(path).splitlines():\n'
        "        if len(line) > len(longest):\n            longest = line\n            found = path\n"
        "print(found, longest)"
    )
    c.say("There is no line at all." if not out.strip() else "That is the longest line, and its file.")


def frequent(c: Chat) -> None:
    """The most frequent words over all files."""
    r = c.r
    files = some_set(c)
    n = 1 if r.random() < 0.3 else r.choice((2, 3, 4, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20))
    c.user(ask_about(c, "many_frequent" if n > 1 else "many_frequent_one", files, n=str(n)))
    out, _ = c.call(
        f"from collections import Counter\ncounts = Counter()\nfor path in {files.code}:\n"
        f"    counts.update(read_file(path).split())\nfor word, count in counts.most_common({n}):\n    print(word, count)"
    )
    if out == "(no output)":
        c.say("There are no words.")
    elif n == 1:
        word, _, count = out.rpartition(" ")
        c.say(f"The most frequent word is {word} ({count}).")
    else:
        c.say("Those are the most frequent words.")


def distinct_words(c: Chat) -> None:
    """How many different words all files have."""
    files = some_set(c)
    c.user(ask_about(c, "many_distinct_words", files))
    out, _ = c.call(
        f"words = set()\nfor path in {files.code}:\n    words.update(read_file(path).split())\nprint(len(words))"
    )
    c.say(f"They have {out} different word{'' if out == '1' else 's'}.")


def duplicates(c: Chat) -> None:
    """Files with the same text."""
    r = c.r
    files = some_set(c)
    if r.random() < 0.65:
        _copy_some(c, files)
    c.user(ask_about(c, "many_duplicates", files))
    out, _ = c.call(
        f"seen = {{}}\nfor path in {files.code}:\n    text = read_file(path)\n    if text in seen:\n"
        "        print(seen[text], path)\n    else:\n        seen[text] = path"
    )
    c.say("There are no duplicates." if out == "(no output)" else "Those have the same content.")


def pairs(c: Chat) -> None:
    """Two files at a time: a loop inside a loop."""
    unit, files = some_unit(c, only=("lines", "words", "characters", "bytes"))
    if c.r.random() < 0.5:
        _copy_some(c, files)
    c.user(ask_about(c, "many_pairs", files, **unit.slots))
    out, _ = c.call(
        f"counts = {{path: {unit.code} for path in {files.code}}}\nfor first in counts:\n    for second in counts:\n"
        "        if first < second and counts[first] == counts[second]:\n            print(first, second)"
    )
    c.say("There are no such pairs." if out == "(no output)" else "Those are the pairs.")


def numbered(c: Chat) -> None:
    """Lines with a word, with file and number; or how often it is in each file that has it."""
    r = c.r
    files = some_set(c)
    w = some_word(c)
    if r.random() < 0.5:
        c.user(ask_about(c, "many_numbered", files, w=quoted(r, w)))
        out, _ = c.call(
            f"for path in {files.code}:\n    for number, line in enumerate(read_file(path).splitlines(), 1):\n"
            f"        if {lit(w)} in line:\n            print(path, number, line)"
        )
        c.say(f"No line contains {w}." if out == "(no output)" else f"Those are the lines with {w}.")
        return
    if r.random() < 0.6:
        c.user(ask_about(c, "many_each_word", files, w=quoted(r, w)))
        out, _ = c.call(f"for path in {files.code}:\n    print(path, read_file(path).count({lit(w)}))")
        c.say(no_such(files) if out == "(no output)" else f"Those are the occurrences of {w} of each file.")
        return
    c.user(ask_about(c, "many_occurring", files, w=quoted(r, w)))
    out, _ = c.call(
        f"for path in {files.code}:\n    count = read_file(path).count({lit(w)})\n"
        "    if count > 0:\n        print(path, count)"
    )
    c.say(f"No file contains {w}." if out == "(no output)" else f"Those are the files with {w}.")


def heads(c: Chat) -> None:
    """How each file begins."""
    r = c.r
    files = some_set(c, without=("all",))
    if r.random() < 0.5:
        c.user(ask_about(c, "many_first_lines", files))
        out, _ = c.call(f"for path in {files.code}:\n    print(path, read_file(path, 1, 1).strip())")
        c.say(no_such(files) if out == "(no output)" else "Those are the first lines.")
        return
    n = r.choice((2, 2, 3, 3, 4, 5))
    c.user(ask_about(c, "many_heads", files, n=str(n)))
    out, _ = c.call(f"for path in {files.code}:\n    print(path)\n    print(read_file(path, 1, {n}))")
    c.say(no_such(files) if out == "(no output)" else f"Those are the first {n} lines of each.")


def words_of(c: Chat) -> None:
    """The words of one file, counted in others."""
    r = c.r
    files = some_set(c, without=("top", "all"))
    words = [some_word(c) for _ in range(r.randint(2, 4))]
    f = c.world.add(r, names.file_name(r, r.choice(("txt", "lst", "words", "csv"))), "\n".join(words) + "\n")
    c.user(ask_about(c, "many_words_of", files, f=quoted(r, f)))
    out, _ = c.call(
        f"for word in read_file({lit(f)}).split():\n    count = 0\n    for path in {files.code}:\n"
        "        count += read_file(path).count(word)\n    print(word, count)"
    )
    c.say(f"{f} has no words." if out == "(no output)" else f"Those are the words of {f} with their counts.")


def _copy_some(c: Chat, files: FileSet) -> None:
    """Give two files of the set the same text."""
    r = c.r
    known = [path for path in c.world.run(f"for path in {files.code}:\n    print(path)")[0].splitlines()]
    known = [path for path in known if path in c.world.files]
    if len(known) > 1:
        first, second = r.sample(known, 2)
        c.world.files[second] = c.world.files[first]
