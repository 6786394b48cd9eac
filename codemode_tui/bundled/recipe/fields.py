"""What people call the columns of tables and the keys of documents, and values that fit them.

The lists are long so that no column can be guessed from the question: it has to be copied. A share of each list,
and all names made of random letters, are for measuring or for training alone.
"""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.source import HeldSource, Source

_COUNTS = """
eggs litres kilos tons points goals votes seats rooms pages copies stock quantity amount count score visits clicks
orders sales boxes crates bottles jars sacks barrels miles km minutes hours days weeks calls steps laps wins losses
draws games matches passengers cars bikes trains flights guests nights tickets members pupils students staff
children cows sheep hens bees trees plants seeds flowers loaves cakes cups spoons grams calories sugar_g salt_mg fat
protein rainfall mm hPa watts kwh volts amps lumens decibels hits errors warnings downloads uploads stars forks
commits laps_led bugs tests passed failed skipped retries kilobytes megabytes threads users sessions views likes
shares followers comments replies messages emails letters parcels pallets containers trucks units items pieces
sheets rolls spools planks bricks tiles screws nails bolts floors age height weight length width depth rank level
shoe_size year_built population area acres hectares harvest yield_kg catch_kg fish_count nests birds sightings up
down left_over borrowed returned late_days overdue deposits withdrawals balance debt salary bonus tax fee fine rent
cost price total budget spent earned sold bought paid scored caught eaten baked picked planted read_pages walked_km
swum_m lifted_kg donated
"""
_DECIMALS = """
temperature temp_c humidity pressure speed wind_speed ph salinity rating grade gpa discount vat rate interest ratio
share percent score_avg latency_ms duration_s seconds lap_time distance distance_km altitude elevation latitude
longitude price_eur unit_price cost_usd fare toll fuel consumption mileage dose dose_ml volume density radius
diameter weight_kg height_m wingspan beak_mm leaf_cm growth loss profit margin revenue turnover load cpu memory_gb
voltage current power energy brightness noise snow_cm rain_mm sun_hours tide_m waves visibility magnitude
"""
_NAMES = """
name person player pupil student teacher employee worker driver rider runner swimmer sailor author singer artist
painter composer guest member customer client patient owner tenant farmer baker cook waiter seller buyer candidate
captain keeper pilot nurse doctor actor director speaker winner username first_name surname contact friend child
item product article fruit vegetable dish recipe cake drink wine cheese tea coffee spice herb flower tree plant bird
fish animal dog horse cow insect breed species planet moon comet mountain lake river island sea bridge tower church
museum park garden shop cafe bakery school hotel house flat room desk machine tool engine car bike boat ship train
plane book title song album film game toy puzzle language course subject lesson exam project task ticket feature
module package service server host device sensor printer part sku code id label station stop
"""
_GROUPS = """
city country region county district street town village port dock airport team club league group class grade_level
department office branch factory warehouse shelf aisle section ward floor building block zone area_name field
orchard category kind type sort colour color fit shape material flavour brand maker supplier vendor genre style
season month weekday day date shift status state priority severity stage phase role job position rank_name currency
unit payment carrier route railway platform track browser os version environment owner_name manager coach habitat
diet weather wind soil gender nationality continent party channel medium topic tag
"""
_PEOPLE = """
Anna Ben Carla David Ella Finn Greta Hugo Ida Jonas Kim Lena Max Nora Omar Paula Quinn Rosa Sam Tina Uma Victor
Wendy Yusuf Zoe Alice Bob Chen Dmitri Eva Fatima George Hana Ivan Julia Karl Lucy Maria Noah Olga Pedro Ruth Sofia
Tom Vera Will Yuki Aisha Bruno Clara Dora Emil Frida Gus Helen Igor Jane Kofi Leo Mia Nils Oscar Priya Rahul Sara
Theo
"""
_PLACES = """
Oslo Paris Rome Berlin Madrid Lisbon Dublin London Leeds York Bath Cork Bergen Turku Riga Vilnius Gdansk Krakow
Prague Vienna Graz Basel Bern Lyon Lille Nice Turin Milan Naples Athens Sofia Varna Ghent Bruges Utrecht Delft
Bremen Kiel Hamburg Dresden Boston Austin Denver Seattle Dallas Toronto Lima Quito Bogota Cairo Tunis Accra Lagos
Nairobi Delhi Mumbai Tokyo Osaka Seoul Hanoi Perth Sydney north south east west
"""
_THINGS = """
apple pear plum cherry lemon fig grape mango melon peach carrot onion leek bean pea potato bread butter cheese milk
honey salt sugar rice flour oats tea coffee cocoa cod trout salmon herring tuna eel pike robin wren owl heron swan
crow oak ash birch pine elm rose tulip lily daisy hammer saw drill nail rope lamp chair table desk shelf mug plate
fork bowl red blue green black white yellow brown grey small medium large open closed done pending new old january
march june july monday tuesday friday sunday spring summer season winter gold silver bronze cotton wool linen
"""
_KEYS = """
name title version port host debug author license description homepage language theme timeout retries level mode
path url email user owner city country street zip phone age born died height weight colour color size shape price
currency quantity stock rating score rank status state created updated expires enabled verbose cache threads workers
memory disk cpu region zone branch commit tag build release platform arch engine wheels seats fuel speed wingspan
habitat diet species genus family beak eggs lifespan legs teeth population capital area elevation depth length width
volume temperature humidity pressure wind tide moonrise sunrise sunset opening closing entrance_fee ticket_price
rooms floors beds garden parking pets chef recipe servings minutes oven_temp flavour spice ingredient sugar_g
calories publisher isbn pages chapters edition genre composer tempo key_signature duration track_count director
budget box_office motto mascot founded members coach captain stadium league points sponsor salary hours holidays
department manager deadline priority assignee estimate reporter font margin padding background border columns indent
tab_size encoding locale timezone date_format max_users min_age log_level backup interval api_key_name database
schema table prefix suffix
"""
_LIST_KEYS = """
tags colours colors members players authors languages keywords steps ingredients rooms stops stations guests winners
files folders modules packages dependencies plugins features flags hosts servers ports users groups roles pets
children siblings planets moons rivers lakes islands birds fish trees flowers fruits vegetables dishes songs albums
films books chapters scores grades marks readings levels numbers items products orders tasks tickets tests results
errors warnings notes topics courses lessons tools parts colleges clubs teams sports hobbies friends cities
countries regions routes
"""
_PARTS = """
server client database window editor owner address engine body wing tail head garden kitchen house hotel shop bakery
captain crew cargo weather station orbit core crust author publisher edition cover project build release network
proxy cache logging display audio video camera battery motor wheel brake seat pump valve sensor account billing
shipping contact profile settings options defaults limits colours font layout menu budget season team stadium school
course exam ui tool paths database_pool scheduler backup mail web api auth tests docs package theme keyboard mouse
printer
"""
COUNTS = _COUNTS.split()
DECIMALS = _DECIMALS.split()
NAMES = _NAMES.split()
GROUPS = _GROUPS.split()
PEOPLE = _PEOPLE.split()
PLACES = _PLACES.split()
THINGS = _THINGS.split()
KEYS = _KEYS.split()
LIST_KEYS = _LIST_KEYS.split()
PARTS = _PARTS.split()


def _is_one(name: str) -> bool:
    return not name.endswith("s") and f"{name}s" not in COUNTS


_ODD = {
    "staff",
    "tennis",
    "diet",
    "wind",
    "soil",
    "os",
    "fish",
    "sheep",
    "weather",
    "style",
    "child",
    "person",
    "series",
}
PLAIN_GROUPS = [name for name in GROUPS if name.isalpha() and name not in _ODD and _is_one(name)]
PLAIN_NAMES = [name for name in NAMES if name.isalpha() and name not in _ODD and _is_one(name)]
"""Columns whose plural is regular."""
SINGLE = sorted({part for name in (*KEYS, *PARTS) for part in name.split("_") if len(part) > 2})
"""Single words that keys are put together from."""
GAPS = ("", "", "", "n/a", "-", "?", "unknown", "none", "NA", "tbd")


def draw(r: Source, pool: list[str], taken: set[str] | None = None) -> str:
    """A name for a column or key: mostly from ``pool``, else any word; now and then in another style of writing."""
    taken = set() if taken is None else taken
    held = isinstance(r, HeldSource)
    while True:
        if r.random() < 0.72:
            # Every ninth name of a list is only measured with.
            at = r.randrange(len(pool))
            name = pool[at - at % 9 if held else at if at % 9 else at - 1]
        else:
            name = names.word(r) if r.random() < 0.7 else names.word(r) + "_" + names.word(r)
        style = r.random()
        if style < 0.08:
            name = name.capitalize()
        elif style < 0.10:
            name = name.upper()
        elif style < 0.14 and "_" in name:
            name = name.replace("_", " ")
        if name not in taken and name.isascii():
            taken.add(name)
            return name


def number(r: Source, column: str) -> str:
    """A value for a number column."""
    if column.lower() in DECIMALS or r.random() < 0.05:
        return f"{r.uniform(0, 10 ** r.choice((1, 2))):.{r.choice((1, 1, 2))}f}"
    if "year" in column.lower():
        return str(r.randint(1850, 2030))
    return str(r.randint(0, 10 ** r.choices((1, 2, 3, 4), (3, 5, 3, 1))[0]))


def few(r: Source, column: str) -> list[str]:
    """Values that come again and again in one column."""
    return [text(r, column) for _ in range(r.randint(2, 4))]


def text(r: Source, column: str) -> str:
    """A value for a text column."""
    name = column.lower()
    if name in ("date", "day") and r.random() < 0.7:
        return f"{r.randint(2015, 2031)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    if r.random() < 0.35:
        return names.word(r)
    at = NAMES.index(name) if name in NAMES else -1
    if 0 <= at < NAMES.index("item"):
        return r.choice(PEOPLE)
    if name in GROUPS and GROUPS.index(name) < GROUPS.index("team"):
        return r.choice(PLACES)
    return r.choice(r.choice((THINGS, THINGS, PLACES, PEOPLE)))


def scalar(r: Source) -> object:
    """A value of a key: text, a number, true or false, seldom null."""
    kind = r.random()
    if kind < 0.4:
        return names.number(r)
    if kind < 0.5:
        return round(r.uniform(0, 100), r.choice((1, 2)))
    if kind < 0.58:
        return r.random() < 0.5
    if kind < 0.60:
        return None
    return r.choice((names.phrase(r), names.word(r), r.choice(THINGS), r.choice(PLACES), r.choice(PEOPLE)))
