"""Several threads look at mlx-lm's sources at once: one for the guard of memory, one for the description."""

from __future__ import annotations

import threading

from codemode_tui.engine import loadable


def test_threads_that_parse_at_once_do_not_disturb_each_other():
    source = loadable._library() / "utils.py"
    wrong: list[BaseException] = []

    def parse() -> None:
        try:
            for _ in range(8):
                loadable._parsed(source)
        except SystemError as error:
            wrong.append(error)

    def deeper(levels: int) -> None:
        deeper(levels - 1) if levels else parse()

    threads = [threading.Thread(target=deeper, args=(levels,)) for levels in (0, 7, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
