"""JSON and locks from the interpreter's own C functions.

The package ``json`` imports ``re`` and ``enum``, ``threading`` imports ``functools`` and ``collections``:
together 7 ms of a run of 20 that most code never needs.
"""

from _thread import allocate_lock

try:
    from _json import encode_basestring, encode_basestring_ascii, make_encoder, make_scanner

    class _Context:
        strict = True
        object_pairs_hook = array_hook = None
        parse_float, parse_int, parse_constant = float, int, float

        def __init__(self, object_hook):
            self.object_hook = object_hook
            self.memo = {}

    def loads(text, object_hook=None):
        return make_scanner(_Context(object_hook))(text, 0)[0]

    def dumps(value, default=None, ensure_ascii=True):
        text = encode_basestring_ascii if ensure_ascii else encode_basestring
        encode = make_encoder({}, default, text, None, ": ", ", ", False, False, True)
        return "".join(encode(value, 0))

    if loads(dumps([{"a": 1.5}], ensure_ascii=False)) != [{"a": 1.5}]:
        raise ImportError
except (ImportError, AttributeError, TypeError):  # an interpreter that has them otherwise
    from json import dumps, loads


class Condition:
    """``threading.Condition`` as far as the channel needs it."""

    def __init__(self):
        self._lock = allocate_lock()
        self.acquire, self.release = self._lock.acquire, self._lock.release
        self._waiting = []

    def __enter__(self):
        return self._lock.__enter__()

    def __exit__(self, *error):
        return self._lock.__exit__(*error)

    def wait(self):
        mine = allocate_lock()
        mine.acquire()
        self._waiting.append(mine)
        self.release()
        try:
            mine.acquire()
        finally:
            self.acquire()

    def notify_all(self):
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.release()
