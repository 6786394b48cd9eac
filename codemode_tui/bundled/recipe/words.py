"""The words that names and phrases are made of."""

from __future__ import annotations

_WORDS = """
aaron abby ability abstract accent accept access accident account acid acre act action actor adam adapter address
admin adult advice affair africa afternoon age agency agenda agent agnes agree ahead air aisle alan alarm alaska
albert album alert alex alfred alias alice alien alley allow almond alone alpha alphabet alps amanda amelia amend
amount ample amsterdam amy anchorage andrea andrew angel angela anger angle animal anita ankle anna annex annual
answer ant antelope anton apartment apology appeal append appendix apple applicant approval apricot april apron
aquarium arc arch archive area arena argue arm army aroma array arrow art arthur article artist ash asia aside ask
aspect assembly asset assets assist astrid athens atom attach attempt attribute auction audio audit august aunt
austria author auto avenue average avocado award axe axis baby back backend backlog backup bacon badge badger bag bait
baker bakery balance ball ballad balloon ballot baltic bamboo banana band bandage bangkok bank banner bar barbara
barcelona bark barley barn barrel barrier base basement basil basin basis bat batch batches bath battery battle bay
beach bean bear beard beast beat beauty beaver bed bee beef beer beetle beijing belfast belgium bell belly belt ben
bench bend benefit bergen berlin bernard berne berry best beta beth betty bias bicycle bid big bill billing bin binary
bird birth biscuit bishop bite bitter black blade blanket blaze blend blind block blood bloom blouse blow blue board
boat bob body boil bold bolt bomb bombay bond bone bonus book booking bookmark boolean boot bootstrap border boris
boss boston bottle bottom boulder bounds bow bowl box boy brain brake branch brand brass brave brazil bread breakdown
breakfast breath breeze brenda brian brick bride bridge brief bright bristol broad broccoli broker bronze brook broom
brother brown browser bruno brush brussels bubble bucket bud budapest budget buffalo bug build bulb bull bullet
bulletin bundle burger burrow bus bush business butcher butter butterfly button buyer byte cab cabbage cabin cable
cache cactus cafe cage cairo cake calcium calendar calf call callback calm cambridge camel camera camilla camp campus
canada canal cancel cancelled candy cane canvas cap capacity cape capital captain caption capture car caravan carbon
card cargo carl carla carlos carmen caroline carp carrot cart cartoon case cash cashew cashflow castor cat catalog
category cathy cattle cause caution cave cecil ceiling celery cell cello celsius cement census cent center cereal
chain chair chalk challenge chamber champion chance change changes channel chaos chapter chapters character charge
charity charles charlotte charm chart charts chase chat cheap check checklist checkout checksum cheese chef chemist
cherry chess chest chestnut chicago chicken chief child chile chimney chin china chip chloe chocolate choice choices
choir chorus chris church cider cinema circle circus citizen city civic claim clam clan clara clarinet clash claudia
clay clean cleanup clerk clever clicks client cliff climate climb clinic clip cloak clock clone closed closet cloth
clothes cloud clover clown club clue cluster coach coal coast coat cobra cocoa coconut cod code codec coffee coffin
coil coin cold colin collar collect college cologne colony color column comb combine comedy comet comfort comic commit
common compact company compare compile complete component compress compute concept concert conclusion config conflict
connect connor console constant consumer contact content context contract control convert cook cookie cool coordinates
copilot copy coral cord core cork corn corner cornwall corridor cosmos cost cottage cotton couch cough council count
counter country county couple coupon courage course court cousin cover coverage cow crab craft crash crate crawler
crayon cream create creator credit creek crew cricket crime crisis criteria cron crop cross crow crowd crown crumb
crust cry cuba cube cucumber cuff culture cup cupboard curb cure curfew currency current curry cursor curtain curve
cushion custom customer customers cut cycle cymbal cyprus daily daisy dakota dallas dam dance danger daniel danube
daphne dark dash dashboard data database dates datetime daughter david dawn day deadline deaf deal dear death debate
deborah debt debug decade december decent decision decode decoder decorator deed deep deer default defaults defect
defense definition degree delay delegate delete delight delivery delta demand demo denmark dennis dense dentist denver
deploy deposit depth deputy descriptor desert design designer desk desktop dessert destination detail detect detour
develop device devices dew diagram dial dialog diamond diana diary dice dictionary diego diet diff digest digit dill
dimension dinner dinosaur directory dirt discount dish disk dispatch display distance district ditch dive dividend doc
docker doctor document dog doll dollar domain dominic donald donation donkey donor door dora doris dorothy dose dot
double dough douglas dove dover down download dozen draft dragon drain drama draw drawing dream dresden drill drink
driver drop drum dry dublin duck duel dull dump duncan duplicate duration dusk dust duty dwarf dynamic dynamo eager
early earn earth easel east echo eclipse edgar edge edinburgh edith edition editor educator edward eel effect effort
egg egypt eight elbow elder election element elements elena elephant eleven elf elias elisa elite elizabeth ella ellen
elsa email embassy emerald emil emily emma emotion empire empty enable enamel encode encoder endpoint enemy energy
engine engineer enhance enough enquiry entity entries entry enum environment enzyme epoch equal equipment era eric
erik ernest error escape essay essex estate esther estimate ethan europe eva evaluate evan evelyn evening event events
evil exact exam example exchange exclude execute exercise exit expand expense expenses experiment expert explain
export expression extend extra extract eye fabian fable fabric facade face facet fact factor factory faculty failure
fair fairy faith fall fallback false fame family fan fancy fang fare farm farmer fashion fast fat fate father fault
favorite favour fax fear feast feature february fee feed feedback felix fellow fence fest fetch fever few fiber
fiction fiddle field fields fifty fight figure filename film filter fin final finance finder finger finish finland
fiona fir fire firmware first fist five fix fixture flag flags flame flamingo flash flat flavor flax flea fleet flesh
flexible flight float flock flood floor florence florida flour flow flower flute fly foam focus fog foil fold folder
folk font food foot footer footnote forecast forest forge fork form formal format formula fort fortune forward fossil
fox fraction fragile frame framework france frances frank fred freedom freight frequency fresh frida friday fridge
friend friends frog front frost frozen fruit fuel full fun function fund funnel fur furnace future gabriel gadget gail
gain gallery gallon game gang gap garage garden garlic gas gasoline gate gateway gear gem gender gene general generate
generator geneva genius genoa genre gentle geometry george gerald germ ghana ghost giant gift gina ginger giraffe girl
glad gland glasgow glass glide globe glory glossary glove glow glue goal goat goblin gold good goose gopher gordon
gorilla gossip gown grace grade grain gram grammar grape graph graphic grass grave gravity gravy grease great greece
green greta grid grief grill grin grip groove ground group growth guard guava guess guest guide guideline guilt guitar
gulf gull gum gun guru gustav gym gypsum habit hail hair half hall ham hamburg hammer hamster hand handbook handle
handler handy hannah hanoi hans happy harbor hard hardware hare harmony harold harp harriet harry harvest hash haste
hatch havana hawaii hawk hay head header heading health heap heart heat heaven heavy hedge heel heidi height heir
helen helga helium hello helper helsinki hen henrik henry herb herbert herd hero herring heuristic hidden high
highlight hill hint hip hippo history hobby hockey hold holder hole holiday hollow holly holy home honest honey honor
hood hoof hook hope horn horse hose hospital host hosting hotel hour hours house howard html hub hug huge hugo human
humble humor hundred hungary hunger hunter hurdle hut hybrid hydrogen ian ice iceberg iceland icicle icon ida idea
identity idle igloo ignore igor iguana ill image images imp impact improve inch incident include income incoming index
indexer india indicator indigo ines infant info ingrid init ink inline inn input insect insert inside insight inspect
install instance insurance integer integration interest interface internal interval invite invoice invoices ireland
irene iris iron ironing isabel island israel issue istanbul italy item items iterator itinerary ivan ivy jack jacob
jaguar jail jam jamaica james jane janet january japan jar jasmine jason java javascript jaw jazz jealous jean jeans
jeff jelly jenny jeremy jet jewel jill joan joanna job jobs joel johan john joke jolly jonas joseph joshua journal
journey joy judge judith jug juice julia julian july jump june jungle junior juniper jury justice kangaroo karate
karen karl katie kayak keen kennel kenneth kenya kernel kevin key keyboard keys keyword kick kid kidney kiel kilo kilt
kind king kiosk kit kitchen kite kitten kiwi klaus knee knife knight knot koala korea kyoto lab label labels labor
lace lad ladder ladle lady lagos lake lamb lamp lance land landing lane language lap laptop lara larch large lark
larry laser last latch late latvia laugh launcher laundry laura lauren lava law lawn lawyer layer layout lazy lea lead
leaders leaf league lean leap learn learning leather lecture lectures ledger leeds leek left leg legacy legal legend
leipzig leisure lemon lemonade length lens lentil leo leon leonard leopard lesson letter lettuce level lever lewis
liberty library licence lid life lifecycle lift light lilac lily lima lime limit linda line linen link linked lion lip
liquid lisa lisbon list listen listing literal little liver llama load loader loan lobby local locale location lock
lodge log logger logic login logistics logo lois london lonely long look lookup loop lord lorenzo loss lot lotion
lotus loud louis louise lounge love low loyal lucas luck lucy luggage luis lumber luna lunar lunch lung lute lynx lyon
lyric lyrics machine macro madrid magic magnus maid maiden mail mailing main mainframe maintain maize major malcolm
mallet malta mammoth man manager mango manifest mansion mantle manuscript map maple mapper mapping marathon march
marco margin maria marie marine marion mark marker market marketing markup marsh marta martha martin marvin mary mask
mason mass master match matches mate material math matilda matrix matthew maurice max maximum may mayor maze meal mean
measure meat medal median medicine medium meeting megan melody melt member members memo memory mend mentor menu
mercury mercy merge merit mermaid merry mess message messages meta metadata metal meteor meter method metric metrics
mexico mia michael midnight migration miguel milan mild mile miles milk mill milo mimic mind mine mineral minimum
mining mink minor mint minute minutes miracle miriam mirror misc miser mission mist mixed mixer mixture mobile mock
modal mode model modern modest module modules moist molly moment monaco monday money monica monitor monitoring monk
monkey monster montana month monthly moon moose mop moral morgan morning mortar moth mother motion motor mound
mountain mouse moustache mouth movement movie mud muffin mug mule multiple munich muscle museum mushroom music mussel
myth nadia nail naive name namespace nancy naomi napkin naples narrow natalie nation native nature navigation navy
neat neck necklace needle neil nelson nepal nephew nerve nest nested net nettle network neural nevada new newsletter
nicholas nickel nicole niece night nile nina nine noah noble node noise nominal noodle noon nora normal norman north
norway nose notch note notebook notes nothing notifier noun novel november nuclear number numeric nurse nursery nylon
oasis oat oath object oboe observer ocean ocelot october octopus odd odor offer office officer offline offset oil old
olive oliver olivia omelet onion online open opening operator opinion opposite optimise option oracle orange orbit
orchestra orchid order orders oregano organ organiser orientation origin ornament orphan oscar oslo ostrich otter otto
ounce outbox outfit outgoing outlet outline output oval oven overall overview owner oxford oxygen ozone pablo pace
pack package packet pad paddock page pagination pail pain paint pair palace pale palette palm pamela pan pancake panda
panel panic pansy panther papaya paper parade parallel parameter parcels parent paris park parrot parse parser parsley
part participants partner party passage passenger password past pasta paste pasture patch patent path pathway patience
patient patients patricia patrick patrol pattern paul paula pause paw payload payment payroll pea peace peach peacock
peak peanut pear pearl peas pedal pedro peel peer peggy pen penalty pencil pending penelope penguin penny pension
people pepperoni percent perch perfect performance perfume period permission permit person personal peru pet petal
peter petra petrol pharmacy pheasant philip phoebe phone photo photos phrase piano pickle picnic picture pie piece
pilgrim pill pilot pin pine pineapple pink pint pioneer pipeline pirate pistol pitch pixel pizza place placeholder
plague plain plan plane planet plank planner plant plaster plastic plate platform play player playlist pleasant pledge
plenty plough plow plug plugin plum plumber plus pocket poem poet point pointer poison poker poland polar pole police
policy polish polite pollen polygon pond pony pool poor pop poppy popular porch pork porridge port portal portfolio
porto portrait portugal position positive possum post postcard pot potato pottery pouch poultry pound powder power
prague prairie praise prayer prefix premium prepare present presentation president press pretzel preview price pride
priest primary prince print printer priority prison private priya prize problem procedure process processor produce
product professor profile program project promise prompt proof proper property proposal protein protocol proud proverb
provider proxy prune public publish pudding puddle pulp pulse pumpkin punch pupil puppet puppy purchase pure purple
purpose purse puzzle pyramid python quail qualify quality quantity quarter quarterly quebec queen quentin query quest
question questionnaire queue quick quiet quill quilt quiz quota quote quotes rabbi race rachel rack radar radio radish
radius rage rail railway rain raincoat raisin rake ralph ram ramon ramp ranch random range ranking rapid rare rat rate
rating ratio raw raymond razor reach reader readme ready real realtime reason rebecca rebel rebuild receipt recent
recess recipe recipient record recover recruit rector red redirect reduce reed refactor referee reference refresh
refund region register regret reindeer relation release relief remedy remote render renewal rent repair replace
replica reply report repository reptile republic request requirement rescue reserve reset resolver resort resource
response rest restore result resume retail revenue review revision reward rhine rhythm rib rice rich richard riddle
ride rifle riga right rigid ring riot ripe rise risk rita rival river road roadmap roast rob robert roberta robin
robot rock rocket rod roger rogue roland role rollback rome ronald roof room rooster root rope rosa rose rosemary
rosie roster rotation rotor rough round route router routine row rows roy royal rubber ruby rudolf rug ruin rule rum
rumor runner runtime runway rupert rural rush russia rust ruth ryan rye sack sad safari safe sage sail sailor saint
salad salaries salary sales sally salmon salon salt salute sample samuel sand sandbox sandra sandwich sapphire sara
satin saturday sauce sausage saw scale scanner scene scent scheduler schema scheme school science scissors scooter
scope score scorpion scotland scout scrap screen screenshot screw script scroll scrub sculptor sea seal search season
seat sebastian second secret section sector seed seesaw segment select selector senate sender senior sense sensor
sentence seoul september sequel sequence sergio serial serum servant server service session setting setup seven sewing
shadow shaft shallow shame shampoo shape share shared shark sharon sharp shed sheep sheet sheila shelf shell shelter
shield shine ship shipment shirt shock shoe shop short shortcut shoulder show shower shrimp shrub shuttle shy siberia
sibling sicily sick side sidebar sidney siege sight sign signal signature signup silence silk silly silver silvia
simon simple simulation singapore single sink siren sister site sitemap six skate skeleton sketch ski skill skin skirt
skull slate sled sleep sleeve slice slide slides slim slipper slope slot slovenia slow sly small smart smell smile
smoke smooth snack snail snake snapshot sneeze snow soap soccer social sock socket soda sofa sofia soft software soil
solar soldier sole solid solo solution solver son sonar song sonia sorted sorter soul soup sour source south soy space
spade spaghetti spain spark speaker spear spec special speech speed spell spelling sphere spider spike spin spinach
spine spiral spirit splash sponge sponsor sport spot spray spreadsheet spring sprint square squash squid stable stack
stadium staff stage stain stair stake stamp standard staple star starch starfish start state static station statistic
stats statue status steak steam steel stefan stella stem step stephen stereo stern steven stew stick still sting stir
stock stockholm stomach stone stool storage store storm story stove straight strange strategy straw strawberry stream
street stress strike string strong structure stuart stub student students studio stuff style subject submarine submit
subscriber subway success suffix sugar suggestion suit suite summary summer summit sun sunday sunset supplier supply
support surf surgeon surname surplus survey susan sven swamp swan sweat sweater sweden sweet swift swim swing switch
sword sydney sylvia symbol symbols symphony sync syntax syrup system table tablet tadpole tag tail tailor tale talent
talk tall tangerine tania tank tape tar target tart task taste tavern tax taxi tea teacher teal team tear teeth
telegram telescope temp template tenant tender tennis tenor tense tent term terminal terrace terry test tester texas
text texture thanks thea theater theme theo theory theresa thermal thesis thick thief thigh thin thing thirsty thomas
thorn thread threat threshold throat throne thumb thumbnail thursday tibet ticket tide tie tiger tight tile till tim
time timeline timer timestamp tin tina tiny tip tire tissue title toad toast tobacco tobias today todo toe toffee
toilet token tokens tokyo tom tomato tomorrow ton tone tongue tony tool toolbar toolkit tooth topic torch tornado
toronto tortoise total touch tough tour tower town toy trace track tracker tractor trade tradition traffic tragedy
trail trailer train trainer tramp transaction transfer transform transit translation transport trap trash travel tray
treasure treat treaty tree trend trial triangle tribe trick tricycle trigger trip trophy tropic trouble trousers trout
truce truck true trumpet trunk trust truth tub tube tuesday tulip tuna tune tuple turin turkey turtle tuscany tutorial
tuxedo tweak twelve twig twin twist tycoon type typhoon uganda ugly ukraine ukulele ulrich ultra uncle undo uniform
union unique unit units universe update updater upgrade upload urban ursula usage useful user users usual utensil util
utility utils vacant vaccine vacuum valid validate validator valley value valve vampire van vanilla vapor variable
variant varnish vase vault vector vegetable vehicle veil vein vendor vendors venice venue vera verb verify vermont
vernon veronica version versions vest veteran vial vicar victim victor victory video vienna view viewer village
vincent vine vinegar vinyl viola violin viper virginia virtue virus vision visit visitor visual vital vitamin vivian
vocabulary vocal vodka voice volcano volleyball volume volunteer vote voucher voyage vulture wafer wage wagon waist
waiter wales walk wall wallet walrus walter waltz wand wanda war ward wardrobe warehouse warm warning warsaw wart wash
wasp waste watch watcher water waterfall wave wax way weak wealth weapon weasel weather weave web webhook website
wedding wedge wednesday weed week weekly weight weights weird welcome well wendy west western wet whale wharf wheat
wheel whip whisky whistle white whole wide widget wife wig wiki wild wildcard wilfred wilhelm will william wind window
wing wink winston winter wire wise witch witness wizard wolf woman wombat wonder wood word work workbook worker
workflow workshop workspace world worm worry worth wound wrap wrapper wreath wreck wren wrench wrist write writer
wrong xavier yacht yak yara yard yarn yasmin year yearly yeast yell yellow yesterday yeti yoga yolk york young youth
yvonne zagreb zero zinc zipper zodiac zoe zone zoom zucchini zurich
"""
_FAMOUS = """
README.md LICENSE CHANGELOG.md Makefile Dockerfile setup.py pyproject.toml package.json requirements.txt notes.txt
todo.md main.py app.py config.json settings.toml data.csv index.html styles.css utils.py test_app.py conftest.py
__init__.py .gitignore report.txt README README.txt LICENSE.txt CHANGELOG AUTHORS NOTICE VERSION INSTALL SECURITY.md
CODE_OF_CONDUCT.md HISTORY.rst TODO index.js main.c main.rs main.go manage.py setup.cfg config.yaml config.toml
config.ini settings.json __main__.py cli.py helpers.py constants.py database.py api.py users.csv sales.csv results.csv
output.txt input.txt log.txt app.log error.log debug.log data.json users.json index.md notes.md budget.csv
shopping.txt recipe.md letter.txt ideas.txt meeting-notes.md hello.py test.py test.txt script.py script.sh run.sh
build.sh deploy.sh style.css app.js package-lock.json Procfile Vagrantfile Jenkinsfile .editorconfig .pylintrc
hello.txt example.txt story.txt summary.md agenda.md
"""
_SHORT = """
a b c d e f g h i j k m n p q r s t u w x y a b c x y n1 x1 a1 b2 hi hey ok no yes my me we it is to do go up on in at
of an or by as if so us id ip ui db os the and for not new all one two six ten red blue cat dog sun foo bar baz abc
xyz hi hello world foo bar test done ab ba cd dc ef gh ij jk km kn mp pq rs sr st tu uw wx xy yx ax bx ex mx ox px qa
rx sx tx ad bi co di em en et ex fa ga ge gi ha id ja jo ju ka ki ko la le li lo lu ma mi mo mu na ne ni nu pa pe pi
po qi ra re ri ro ru sa se si ta te ti ty un uni we wi ya ye yo aa bb cc dd ee ff gg hh kk mm nn pp rr ss tt a0 a2 a3
a7 b1 b3 c1 c2 d1 d4 e2 e5 f1 f6 g2 g8 h1 h7 k2 k9 m1 m3 n2 n5 p1 p2 q1 q2 q4 r1 r2 s3 t1 t2 u2 v1 v2 w1 w3 x2 x3 y1
y2 1a 2b 3d 4k 7x 9z ape bee cow elk fox gnu hen jay kid ram rat yak ant bat bug cod eel emu ewe fly act add age aim
air arm art ask bad bag bed bet big bit box boy bus buy cap car cut day dig dot dry ear eat egg end eye far fat few
fit fun gas get gun guy hip hit hot ice ink job joy key lab law leg let lie lip log lot low mad man map men mix mom
mud net nod odd off oil old out own pan pay pen pet pie pin pop pot put raw rib rid rip rob row rub run sad saw sea
set sew shy sip sit sob son spy tab tag tap tax tea tie tin tip toe ton top toy try tub use van war wax way web wet
why win wit yes zip
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
