"""The words that names and phrases are made of."""

from __future__ import annotations

_WORDS = """
alpha apple archive banana base beta blue board book box branch bread bridge budget build button cache cake
calendar camera card cat chapter chart check city client clock cloud code color config contact copy corner
count course cream customer daily data deal debug delta demo deploy design desk detail device diary dinner
disk doc door draft dream driver east edge editor email energy engine entry error event example export extra
factor family farm feature field figure filter final finance fire flag flow folder food forest form frame
fruit game garden gate girl glass goal gold grade graph green grid group guide handler harbor header health
helper history home hotel house idea image import index info input invoice island item job journal jungle key
kitchen lake lamp language layer leaf ledger legacy lemon letter level library light limit line list loader
local log login loop machine mail main manager map market master match matrix meeting member memory menu
message meta method metric mirror mobile model module money monitor month moon morning mountain music name
network night node north note notes number object ocean office old onion orange order output owner page paint
panel paper parser party patch path payment people phone photo picture pipeline plan planet plant player
plugin pocket point policy pool port post price print profile program project proxy query queue quick rain
random raw readme recipe record red region release report request result review river road robot role room
root route row rule runner sales sample scale schema school score script search secret season section server
service session setting setup shadow shape sheet shell ship shop signal silver sister site sketch small snow
socket song source space spring staff stage star start state stats status stock store story stream street
student style summary sun supply survey switch system table tag target task team temp template test text theme
thread ticket tiger time title todo token tool topic total town trace track train travel tree trip truck
tutorial union unit update upload user util utils value vector version video view village vision wall water
weather web week west wheel white widget window winter wood word work worker world write writer yard year
yellow zero zone
"""
_FAMOUS = """
README.md LICENSE CHANGELOG.md Makefile Dockerfile setup.py pyproject.toml package.json requirements.txt
notes.txt todo.md main.py app.py config.json settings.toml data.csv index.html styles.css utils.py test_app.py
conftest.py __init__.py .gitignore report.txt
"""
_SHORT = """
a b c d e f g h i j k m n p q r s t u w x y a b c x y n1 x1 a1 b2 hi hey ok no yes my me we it is to do go up on in at
of an or by as if so us id ip ui db os the and for not new all one two six ten red blue cat dog sun foo bar baz abc xyz
hi hello world foo bar test done
"""
# Kept from training, so that copying can be measured on names that it never saw.
_HELD_WORDS = """
anchor antenna atlas autumn balcony basket beacon blossom cabinet candle canyon carpet castle cavern cedar
chapel cinnamon cobalt compass copper cradle crimson crystal dolphin drawer eagle ember falcon feather ferry
galaxy garnet glacier gravel harbour hazel helmet horizon ivory jacket kettle lantern lavender lizard lobster
magnet marble meadow mitten mosaic mustard nectar nutmeg oyster paddle parcel pebble pelican pepper pigeon
pillow plaza quarry quartz rabbit raven reef ribbon saddle saffron sandal scarf shovel sparrow spruce squirrel
thunder timber tunnel turnip umbrella velvet violet walnut whisker willow yogurt zebra zeppelin
"""
_HELD_FAMOUS = """
CONTRIBUTING.md docker-compose.yml tox.ini Cargo.toml tsconfig.json server.py models.py schedule.csv diary.txt
tasks.md Gemfile CODEOWNERS poetry.lock inventory.csv
"""
_HELD_SHORT = "l o v z oh he be am tv pc c3 z9 ho ah hat pig owl nut elm qux"

WORDS = _WORDS.split()
FAMOUS = _FAMOUS.split()
HELD_WORDS = _HELD_WORDS.split()
HELD_FAMOUS = _HELD_FAMOUS.split()
SHORT = _SHORT.split()
HELD_SHORT = _HELD_SHORT.split()
