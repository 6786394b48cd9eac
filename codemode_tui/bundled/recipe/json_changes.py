"""Changes of lists in JSON files: one more item, one less; and lists of objects written as CSV."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import load, mixed, objects, request, save, words_list
from codemode_tui.bundled.recipe.example import Chat, lit


def json_item(c: Chat) -> None:
    """A word is added to a list, or taken out of it."""
    r = c.r
    key, items = fields.draw(r, fields.LIST_KEYS), words_list(r)
    f = save(c, mixed(c, **{key: items}))
    back = f'write_file({lit(f)}, json.dumps(data, indent=2) + "\\n")\n'
    if r.random() < 0.65:
        v = r.choice(fields.THINGS) if r.random() < 0.5 else names.word(r)
        request(c, "json_add_item", f=f, n=key, v=v)
        c.call(f'{load(f)}data[{lit(key)}].append({lit(v)})\n{back}print("added")')
        c.say(f"I added {v} to {key} in {f}.")
        return
    v = r.choice(items)
    request(c, "json_remove_item", f=f, n=key, v=v)
    c.call(f'{load(f)}data[{lit(key)}].remove({lit(v)})\n{back}print("deleted")')
    c.say(f"I removed {v} from {key} in {f}.")


def json_to_csv(c: Chat) -> None:
    """A list of objects as a table."""
    r = c.r
    f, code, _, key, _, _ = objects(c)
    g = f.rsplit(".", 1)[0] + ".csv" if r.random() < 0.4 else names.file_name(r, "csv")
    slots = {"f": f, "g": g, "n": key} if key else {"f": f, "g": g}
    request(c, "json_list_to_csv" if key else "json_to_csv", **slots)
    c.call(
        f'{code}header = list(items[0])\ntext = ",".join(header) + "\\n"\nfor item in items:\n'
        '    text += ",".join(str(item.get(key, "")) for key in header) + "\\n"\n'
        f'write_file({lit(g)}, text)\nprint("written")'
    )
    c.say(f"I wrote the objects of {key or f} to {g}.")
