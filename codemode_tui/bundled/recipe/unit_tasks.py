"""Units into each other, and dates and times of day."""

from __future__ import annotations

import datetime

from codemode_tui.bundled.recipe import shapes
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.jobs import Job, Slots, fill, run
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

_KM, _MI = "km|kilometres|kilometers|kilometre", "miles|mi|mile"
_KG, _LB = "kg|kilograms|kilos|kilogrammes", "pounds|lb|lbs"
_CM, _IN, _M, _FT = "cm|centimetres|centimeters", "inches|inch|in", "metres|m|meters", "feet|ft"
_G, _OZ, _L, _GAL = "grams|g|grammes", "ounces|oz", "litres|liters|l", "gallons|US gallons"
_H, _MIN, _S, _D, _W = "hours|hrs|h", "minutes|mins|min", "seconds|secs|s", "days", "weeks"
_B, _KB, _MB, _GB = "bytes|B", "KB|kilobytes|kB", "MB|megabytes|megabyte", "GB|gigabytes|gigabyte"
_C, _F, _K = (
    "celsius|degrees celsius|°C|C|degrees C|centigrade",
    "fahrenheit|degrees fahrenheit|°F|F|degrees F",
    "kelvin|K",
)
UNITS: list[tuple[str, str, str, int]] = [
    (_KM, _MI, "round({n} * 0.621371, 2)", 3),
    (_MI, _KM, "round({n} * 1.609344, 2)", 3),
    (_KG, _LB, "round({n} * 2.204623, 2)", 3),
    (_LB, _KG, "round({n} * 0.453592, 2)", 3),
    (_CM, _IN, "round({n} / 2.54, 2)", 2),
    (_IN, _CM, "round({n} * 2.54, 2)", 2),
    (_M, _FT, "round({n} * 3.28084, 2)", 2),
    (_FT, _M, "round({n} * 0.3048, 2)", 2),
    ("yards|yd", _M, "round({n} * 0.9144, 2)", 1),
    (_M, "yards|yd", "round({n} / 0.9144, 2)", 1),
    (_G, _OZ, "round({n} / 28.3495, 2)", 1),
    (_OZ, _G, "round({n} * 28.3495, 2)", 1),
    (_L, _GAL, "round({n} / 3.785412, 2)", 1),
    (_GAL, _L, "round({n} * 3.785412, 2)", 1),
    ("mph|miles per hour", "km/h|kmh|kilometres per hour", "round({n} * 1.609344, 2)", 1),
    ("km/h|kmh|kilometres per hour", "mph|miles per hour", "round({n} * 0.621371, 2)", 1),
    (_C, _F, "round({n} * 9 / 5 + 32, 2)", 4),
    (_F, _C, "round(({n} - 32) * 5 / 9, 2)", 4),
    (_C, _K, "round({n} + 273.15, 2)", 1),
    (_K, _C, "round({n} - 273.15, 2)", 1),
    (_H, _MIN, "{n} * 60", 3),
    (_MIN, _H, "{n} / 60", 3),
    (_MIN, _S, "{n} * 60", 2),
    (_S, _MIN, "{n} / 60", 2),
    (_H, _S, "{n} * 3600", 2),
    (_S, _H, "{n} / 3600", 1),
    (_D, _H, "{n} * 24", 2),
    (_H, _D, "{n} / 24", 2),
    (_D, _MIN, "{n} * 24 * 60", 1),
    (_D, _S, "{n} * 24 * 3600", 1),
    (_W, _D, "{n} * 7", 2),
    (_D, _W, "{n} / 7", 2),
    (_W, _H, "{n} * 7 * 24", 1),
    ("years", "months", "{n} * 12", 1),
    ("months", "years", "{n} / 12", 1),
    ("years", _D, "{n} * 365", 1),
    (_KM, _M, "{n} * 1000", 2),
    (_M, _KM, "{n} / 1000", 2),
    (_M, _CM, "{n} * 100", 2),
    (_CM, _M, "{n} / 100", 1),
    (_CM, "mm|millimetres|millimeters", "{n} * 10", 1),
    ("mm|millimetres|millimeters", _CM, "{n} / 10", 1),
    (_KG, _G, "{n} * 1000", 2),
    (_G, _KG, "{n} / 1000", 2),
    ("tons|tonnes", _KG, "{n} * 1000", 1),
    (_L, "ml|millilitres|milliliters", "{n} * 1000", 1),
    ("ml|millilitres|milliliters", _L, "{n} / 1000", 1),
    (_KB, _B, "{n} * 1024", 2),
    (_B, _KB, "{n} / 1024", 2),
    (_MB, _KB, "{n} * 1024", 1),
    (_MB, _B, "{n} * 1024 ** 2", 2),
    (_B, _MB, "{n} / 1024 ** 2", 2),
    (_GB, _MB, "{n} * 1024", 2),
    (_MB, _GB, "{n} / 1024", 2),
    (_GB, _B, "{n} * 1024 ** 3", 1),
    (_B, "bits", "{n} * 8", 1),
    ("bits", _B, "{n} / 8", 1),
    ("dozen", "pieces", "{n} * 12", 1),
    ("euros", "cents", "{n} * 100", 1),
    ("dollars", "cents", "{n} * 100", 1),
    ("cents", "euros", "{n} / 100", 1),
]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ISO = 'from datetime import date\n{day} = date.fromisoformat("{x}")\n'
_BETWEEN = (
    'from datetime import date\na = date.fromisoformat("{a}")\nb = date.fromisoformat("{b}")\nprint(abs((b - a).days))'
)
_SHIFTED = (
    'from datetime import date, timedelta\nday = date.fromisoformat("{a}")\nprint(day {sign} timedelta({unit}={n}))'
)
_CLOCK = """from datetime import datetime
a = datetime.strptime("{a}", "%H:%M")
b = datetime.strptime("{b}", "%H:%M")
print(b - a)"""
_CLOCK_SHIFTED = """from datetime import datetime, timedelta
time = datetime.strptime("{a}", "%H:%M") {sign} timedelta({unit}={n})
print(time.strftime("%H:%M"))"""
_AGE = """from datetime import date
born = date.fromisoformat("{a}")
day = date.fromisoformat("{b}")
print(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))"""


def convert(c: Chat) -> None:
    """A quantity in another unit."""
    r = c.r
    have, want, code, _ = r.choices(UNITS, [weight**2 for *_, weight in UNITS])[0]
    way = r.random()
    n = f"{r.randint(0, 99)}.{r.randint(1, 9)}" if way < 0.12 else str(r.randint(1, 10 ** r.choice((1, 2, 2, 3, 4))))
    if "273" in code or "9 / 5" in code or "- 32" in code:
        n = str(r.randint(-20, 250))
    x, y = r.choice(have.split("|")), r.choice(want.split("|"))
    c.user(ask(r, "convert", held=c.held, n=n, x=x, y=y))
    out, _ = c.call(f"print({fill(code, {'n': n})})")
    c.say(f"{n} {x} = {out} {y}.")


def hours_and_minutes(c: Chat) -> None:
    r = c.r
    n = str(r.randint(61, 2000))
    c.user(ask(r, "hours_and_minutes", held=c.held, n=n))
    out, _ = c.call(f"print({n} // 60, {n} % 60)")
    hours, minutes = out.split(" ")
    c.say(f"{n} minutes are {shapes.plural(hours, 'hour')} and {shapes.plural(minutes, 'minute')}.")


def _date(r: Source) -> str:
    return f"{r.randint(*r.choice(((1900, 2100), (1990, 2030), (2020, 2030))))}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"


def _dates(r: Source) -> tuple[str, str]:
    """Two days, half of the time of the same year: what they share is what makes them hard to keep apart."""
    a, b = _date(r), _date(r)
    return a, (a[:5] + b[5:] if r.random() < 0.5 else b)


def _time(r: Source) -> str:
    return f"{r.randint(0, 23):02}:{r.choice((0, 15, 30, 45, r.randint(0, 59))):02}"


def _said(r: Source, iso: str) -> str:
    """A date in one of the forms that people use."""
    day = datetime.date.fromisoformat(iso)
    month = _MONTHS[day.month - 1]
    way = r.random()
    if way < 0.55:
        return iso
    if way < 0.75:
        return f"{day.day} {month} {day.year}"
    if way < 0.9:
        return f"{month} {day.day}, {day.year}"
    return f"{day.day}{'st' if day.day in (1, 21) else 'nd' if day.day in (2, 22) else 'rd' if day.day in (3, 23) else 'th'} of {month} {day.year}"


def days(c: Chat) -> None:
    """Something about one date or two."""
    r = c.r
    kind = r.choices(("between", "weekday", "after", "before", "age", "day_of_year"), (5, 5, 4, 2, 2, 1))[0]
    first, second = sorted(_dates(r))
    a, b = _said(r, first), _said(r, second)
    n, unit = r.choice((r.randint(2, 400), 10, 30, 90, 100)), r.choice(("days", "days", "days", "weeks"))
    talk = {"a": a, "b": b, "n": str(n), "unit": unit}
    if kind == "between":
        c.user(ask(r, "days_between", held=c.held, shaped=True, **talk))
        out, _ = c.call(fill(_BETWEEN, {"a": first, "b": second}))
        c.say(f"There are {out} days between them.")
    elif kind == "weekday":
        c.user(ask(r, "weekday", held=c.held, shaped=True, **talk))
        out, _ = c.call(fill(_ISO, {"day": "day", "x": first}) + 'print(day.strftime("%A"))')
        c.say(f"It is a {out}.")
    elif kind in ("after", "before"):
        c.user(ask(r, f"date_{kind}", held=c.held, shaped=True, **talk))
        sign = "+" if kind == "after" else "-"
        out, _ = c.call(fill(_SHIFTED, {"a": first, "n": str(n), "unit": unit, "sign": sign}))
        c.say(f"It is {out}.")
    elif kind == "age":
        c.user(ask(r, "age", held=c.held, shaped=True, **talk))
        out, _ = c.call(fill(_AGE, {"a": first, "b": second}))
        c.say(f"{out} years old.")
    else:
        c.user(ask(r, "day_of_year", held=c.held, shaped=True, **talk))
        out, _ = c.call(fill(_ISO, {"day": "day", "x": first}) + "print(day.timetuple().tm_yday)")
        c.say(f"It is day {out} of the year.")


def clock(c: Chat) -> None:
    """Times of day."""
    r = c.r
    a, b = sorted((_time(r), _time(r)))
    if a == b:
        a, b = "08:15", "17:40"
    if r.random() < 0.55:
        c.user(ask(r, "time_between", held=c.held, a=a, b=b))
        out, _ = c.call(fill(_CLOCK, {"a": a, "b": b}))
        c.say(f"From {a} to {b} it is {out}.")
        return
    later = r.random() < 0.65
    unit = r.choice(("minutes", "minutes", "hours"))
    n = str(r.randint(1, 23) if unit == "hours" else r.choice((10, 20, 45, 90, r.randint(2, 300))))
    c.user(ask(r, "time_later" if later else "time_earlier", held=c.held, a=a, n=n, unit=unit))
    out, _ = c.call(fill(_CLOCK_SHIFTED, {"a": a, "n": n, "unit": unit, "sign": "+" if later else "-"}))
    c.say(f"It is {out}.")


def _year(r: Source) -> Slots:
    return {"n": str(r.randint(1800, 2100))}


def calendar(c: Chat) -> None:
    """Leap years and the lengths of months."""
    r = c.r
    if r.random() < 0.65:
        answers = ("Yes, {n} is a leap year.", "No, {n} is not a leap year.")
        run(c, Job("leap_year", "import calendar\nprint(calendar.isleap({n}))", answers, _year, worded=False))
        return
    month, year = r.randint(1, 12), str(r.randint(1950, 2050))
    c.user(ask(r, "month_length", held=c.held, m=_MONTHS[month - 1], n=year))
    out, _ = c.call(f"import calendar\nprint(calendar.monthrange({year}, {month})[1])")
    c.say(f"{_MONTHS[month - 1]} {year} has {out} days.")
