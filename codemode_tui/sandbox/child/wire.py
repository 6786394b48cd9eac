"""JSON from the interpreter's own C functions.

The package ``json`` imports ``re`` and ``enum``: milliseconds of a run of 20 that most code never needs.
"""

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
