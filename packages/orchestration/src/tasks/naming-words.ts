/**
 * The words that task names are made of. Our own lists: the maintained packages of this kind have no such categories, or words that
 * are not one lowercase word each. A word is kind, or at least harmless, beside any other.
 */

/** What a task name starts with. */
export const adjectives: readonly string[] = words(`
  able absolute abundant academic accurate active adaptive adept adjacent admiring adored advanced agile agreeable airy alert aligned allied
  alpine amazing amber ambitious ample amused ancient animated aquatic arboreal arctic ardent artful artistic ascending aspiring assured astral
  atomic attentive august autumn avid awake aware azure balanced balmy bashful beaming beloved benign bespoke blazing blissful blooming blue
  blushing bold bonny boundless brave breezy brief bright brilliant brimming brisk broad bronze bubbly bucolic buoyant bustling busy calm candid
  canny capable carefree careful caring casual celestial central ceramic certain charmed charming cheerful cheery chief chilly chirpy choice
  chosen civic civil classic clean clear clever cloudless coastal cobalt cogent colossal comely comfy compact complete composed concise concrete
  confident constant content cool copper coral cordial cosmic courteous cozy creative crimson crisp crystal cubic cultured curious curly current
  dainty dapper daring dashing dauntless dazzling decent decisive deep deft deliberate delicate delighted dependable desert devoted dewy digital
  diligent diplomatic direct discreet distant distinct diverse divine docile dreamy driven durable dutiful dynamic eager early earnest earthy
  easy eclectic effective efficient effusive elastic electric elegant elemental elevated eloquent emerald eminent enchanted endless enduring
  energetic engaged enough epic equal essential esteemed eternal even evergreen evident exact excellent excited exotic expert express exquisite
  fabled fabulous faint fair faithful famed familiar famous fancy fast favorable fearless feathered festive fine firm fleet flexible floral
  flowing fluent fluffy flying focused fond formal forthright fortunate foremost fragrant frank free fresh friendly frosty frugal fruitful full
  funny fuzzy gallant generous genial gentle genuine giant gifted gilded glad glassy gleaming glittering global glorious glossy glowing golden
  good graceful gracious grand grassy grateful great green gregarious grounded growing grown guarded guided handsome handy happy hardy harmonic
  hazel healthy hearty heavenly helpful heroic hidden high hilly hollow honest honored hopeful huge humble humorous icy ideal idyllic immense
  immune impartial important indigo infinite informed inland innate inner inspired instant intact intent intrepid inventive ivory jade jaunty
  jazzy jolly jovial joyful joyous jubilant just keen kind kindred knowing known lacy large lasting laughing lavish leading leafy learned legal
  level light likable limber linear liquid literate lively living local lofty logical long loud lovely loving loyal lucent lucid lucky luminous
  lunar lush lyrical magenta magical magnetic main majestic major mannered many maple marble marine maritime marvelous massive master mature
  meadowy mellow melodic memorable merry metallic mighty mild mindful mint mirthful misty modern modest moonlit mossy moving multiple musical
  mutual mystic native natural nautical neat new nifty nimble noble nocturnal nordic normal northern notable novel oaken obliging observant
  oceanic olive open optimal opulent orange orbital orderly organic original ornate outgoing outer oval pacific painted pastel patient
  peaceful pearly perfect perky pink placid plain playful pleasant pleased plucky plush poetic poised polar polished polite popular portable
  positive practical precious precise premium pretty primal prime pristine private prized proper proud prudent punctual pure purple quaint quick
  quiet quirky radiant rapid rare ready real red refined reflective regal regular relaxed reliable relieved resolute resonant respected rested
  rich right rising robust rolling rooted rosy round royal ruby rugged rural rustic sacred safe sage sandy sapphire scarlet scenic scholarly
  secure sedate select selfless sensible serene settled shaded sharp shimmering shining shiny silent silken silver simple sincere sleek sleepy
  slender smart smiling smooth snowy snug sociable soft solar solid sonic soothing sound southern spare sparkling special speedy spherical spicy
  spirited splendid spotless spotted sprightly spry square stable standing starlit starry stately steadfast steady stellar sterling still
  stoic striped strong studious sturdy stylish suave sublime subtle sunlit sunny super supple supreme sure swift tactful talented tall tame
  tangible tawny teal tender thankful thorough thoughtful thrifty thriving tidal tidy timeless timely tiny tireless topical tough tranquil
  tropical true trusted trusting trusty truthful twilit twinkling ultimate unbiased unified unique united upbeat upright urban useful valiant
  valid valued vast velvet verdant versatile vibrant vigilant violet virtual vital vivid vocal volcanic wandering warm watchful wealthy welcome
  western whimsical whole willing windy winged winning wintry wise witty wonderful wooden woodland woolen worthy young youthful zealous zesty
`);

/** One list per plain category. */
const nounLists = {
  animals: words(`
    albatross alpaca antelope badger beaver bison bobcat bonobo buffalo camel capybara caribou cheetah chinchilla cougar coyote crane dingo dolphin
    dormouse eagle egret elephant falcon ferret finch flamingo fox gazelle gecko gibbon giraffe goose grouse hamster hare hawk hedgehog heron
    hippo ibex ibis iguana jaguar kestrel kingfisher kiwi koala lemur leopard lion llama lynx magpie manatee marmot meerkat mongoose moose
    narwhal newt ocelot octopus okapi orca oriole osprey ostrich otter owl panda pangolin panther parrot pelican penguin pika platypus puffin
    puma quail quokka rabbit raccoon raven reindeer robin salmon seal sparrow squirrel stork swan tapir tiger toucan turtle vicuna wallaby walrus
    weasel wolf wombat yak zebra`),
  architecture: words(`
    abbey alcove apse aqueduct arcade arch atrium balcony balustrade barbican bastion belfry bridge buttress campanile castle chapel cloister
    colonnade column corbel cornice courtyard cupola dome facade fountain frieze gable gallery garret gatehouse gazebo keystone lantern lighthouse
    lintel loggia mansard mezzanine minaret nave obelisk pagoda parapet pavilion pergola pilaster plinth portal portico rotunda spire steeple
    terrace tower turret vault veranda viaduct villa windmill`),
  art: words(`
    acrylic brush canvas carving charcoal collage crayon cubism drawing easel engraving etching figurine fresco glaze gouache icon impasto ink
    landscape linocut lithograph mosaic mural origami palette papercut pastel pencil portrait pottery print relief sculpture sketch stencil
    tapestry tempera tint triptych varnish vignette watercolor woodcut`),
  astronomy: words(`
    andromeda antares aphelion apogee arcturus asteroid aurora azimuth bellatrix binary callisto canopus capella cassini castor ceres comet corona
    cosmos crater deimos deneb eclipse ecliptic equinox europa galaxy ganymede halley halo horizon io jupiter lyra mars mercury meteor moon nebula
    neptune nova orbit orion parallax parsec perigee perihelion phobos planet pleiades polaris pollux procyon pulsar quasar rigel satellite saturn
    sirius solstice spica star sun supernova telescope titan transit triton uranus vega venus zenith`),
  chemistry: words(`
    acetone alkane alloy amide ammonia argon benzene beryllium boron bromine buffer burette calcium carbon catalyst cation cerium chlorine chromium
    cobalt crucible ester ethanol fluorine gallium germanium gold helium hydrogen indium iodine iridium iron isomer isotope krypton lithium magnesium
    manganese mixture molecule molybdenum neodymium neon nickel niobium nitrogen osmium oxygen palladium phosphorus platinum polymer potassium radium
    reagent rhodium rubidium scandium selenium silicon silver sodium solvent strontium sulfur tantalum tellurium titanium tungsten vanadium xenon
    yttrium zinc zirconium`),
  computer_science: words(`
    algorithm array automaton bit bitmap boolean branch buffer byte cache checksum cipher closure codec compiler coroutine cursor daemon datagram
    debugger decoder deque digest encoder enum fiber firmware float function functor graph hash heap integer interface iterator kernel lambda lexer
    linker list loop matrix memory module monad mutex node object operator packet parser pipeline pixel pointer predicate protocol proxy queue record
    recursion register relation router runtime scheduler schema semaphore session shader shell socket stack string struct subnet symbol syntax table
    tensor thread token trait tree tuple variable vector vertex`),
  countries: words(`
    albania algeria andorra angola argentina armenia australia austria bahamas bahrain barbados belgium belize benin bhutan bolivia botswana brazil
    bulgaria cambodia cameroon canada chile colombia croatia cuba cyprus denmark dominica ecuador egypt estonia eswatini ethiopia fiji finland france
    gabon gambia georgia germany ghana greece grenada guatemala guinea guyana haiti honduras hungary iceland india indonesia ireland italy jamaica
    japan jordan kazakhstan kenya kiribati kosovo kuwait laos latvia lesotho liberia lithuania luxembourg madagascar malawi malaysia maldives mali
    malta mauritius mexico moldova monaco mongolia morocco mozambique namibia nauru nepal netherlands nicaragua nigeria norway oman palau panama
    paraguay peru philippines poland portugal qatar romania rwanda samoa senegal serbia seychelles singapore slovakia slovenia spain sweden
    switzerland tanzania thailand togo tonga tunisia tuvalu uganda uruguay uzbekistan vanuatu vietnam zambia zimbabwe`),
  economy: words(`
    annuity asset auction balance bank barter bazaar bond bonus branch broker budget bullion capital cargo cashier charter coin commerce cooperative
    credit currency deposit dividend dollar earnings economist endowment equity escrow estate euro export fund grant growth guild harvest import income
    index industry inflation interest inventory invoice ledger logistics market merchant mint payroll pension portfolio premium price profit purchase
    receipt refund reserve revenue salary savings share stipend stock supply surplus tariff trade treasury trust value voucher wage warehouse yield`),
  food: words(`
    almond apple apricot artichoke avocado bagel banana basil biscuit blueberry bread brioche broccoli burrito butter cake caramel carrot cashew
    celery cheese cherry chestnut chocolate chutney cinnamon clementine coconut coffee cookie couscous cracker cranberry croissant cucumber curry
    custard date dumpling falafel fennel fig focaccia fondue ginger granola grape gumbo hazelnut honey hummus kale ketchup lasagna lemon lentil lime
    macaron mango maple marmalade melon meringue mint muesli muffin mushroom mustard noodle nougat nutmeg oatmeal olive omelette orange pancake papaya
    paprika pasta peach peanut pear pecan pesto pickle pie pistachio pizza plum polenta popcorn porridge pretzel pudding pumpkin quiche quinoa radish
    raisin ramen raspberry ravioli rhubarb risotto saffron salad samosa sandwich sesame sorbet souffle spinach strudel sushi taco tangerine tiramisu
    toast tofu tomato tortilla truffle turnip vanilla waffle walnut yogurt zucchini`),
  general: words(`
    anchor anvil apron armchair backpack badge balloon banner barrel basket bell bench bicycle blanket boat book bottle bouquet bowl box bracelet
    brick broom bucket button cabin candle canoe carpet cart chair chest chimney clock cloud coat compass cottage cradle crown cup curtain cushion
    desk door drawer drum envelope feather fence flag flute fork frame garden garland gate glove hammer hammock harbor hat hinge house island jacket
    jar journey kettle key kite ladder lamp lantern leaf letter library locket mailbox map marble meadow mirror mitten mountain needle nest notebook
    oar oven paddle paper parasol pebble pendant pillow pitcher plate pocket pond postcard puzzle quill quilt raft ribbon ring river road rope saddle
    sail scarf shelf shoe sled spoon spring stone stool story stove suitcase table teapot tent thimble thread ticket torch toy trail train tray
    trumpet umbrella valley vase village wagon wallet watch wheel whistle window workshop yarn`),
  geography: words(`
    archipelago atlas atoll bay bayou beach bluff butte canyon cape cascade cataract cavern channel cliff coast continent cove delta desert dune
    equator escarpment estuary everglade fjord floodplain foothill ford forest geyser glacier glen gorge grassland grotto gulf headland heath highland
    hill inlet island isthmus jungle karst lagoon lake latitude ledge lowland marsh massif meander meridian mesa moor moraine oasis ocean outback
    outcrop pampas pass peak peninsula plain plateau prairie rainforest rapids ravine reef ridge river sandbar savanna sea shoal shore sierra sound
    spit steppe strait stream summit swamp taiga tarn tributary tropics tundra upland vale valley volcano wadi waterfall watershed wetland woodland`),
  history: words(`
    abacus almanac amphora annals archive armory artifact astrolabe bard baron bronze caravan caravel cartographer cathedral cavalier century
    chariot charter chivalry chronicle citadel clan codex colosseum consul courier crown crusader dynasty emperor empire envoy epoch era explorer
    falconer forum galleon gladiator guild herald heritage hieroglyph knight legacy legend legion longship manuscript mariner medallion merchant
    minstrel monarch monument museum navigator nomad oracle palace papyrus parchment pharaoh pilgrim pioneer pyramid quest relic renaissance republic
    royal runestone scribe scroll senate sphinx squire sundial tavern temple throne tribune trireme troubadour viking voyage ziggurat`),
  literature: words(`
    allegory anthology aphorism author ballad bard bookmark canto chapter character chorus climax comedy couplet dialogue diary drama elegy epic
    epigram epilogue essay fable fairytale fiction folio foreword genre glossary haiku hero hyperbole iamb idiom imagery irony journal legend
    limerick lyric manuscript memoir metaphor meter monologue motif myth narrator novel novella ode page parable paragraph parody pastoral plot poem
    poet preface prologue prose protagonist proverb pun quatrain refrain rhyme riddle saga satire scene simile soliloquy sonnet stanza story symbol
    tale tercet theme tome tragedy trilogy verse volume`),
  math: words(`
    abscissa algebra angle apex arc area asymptote average axiom axis bijection binomial calculus cardinal chord circle coefficient cone conjecture
    constant converse coordinate corollary cosine cube cuboid curve cycloid cylinder decimal degree delta denominator derivative diameter digit divisor
    ellipse equation euler exponent factor factorial fibonacci field formula fraction function geometry graph helix hexagon hyperbola identity inequality
    infinity integer integral inverse kernel lattice lemma limit line locus logarithm manifold matrix mean median modulus monomial node norm number
    numerator octagon operand ordinate parabola pentagon percent permutation pi plane point polygon polyhedron polynomial prime prism product proof
    quadrant quotient radian radius ratio ray rhombus root scalar secant segment sequence series set sigma sine slope sphere spiral square subset sum
    surface symmetry tangent tensor theorem topology torus trapezoid triangle variable vector vertex volume zero`),
  medicine: words(`
    antidote apothecary aspirin balm bandage biopsy capsule caregiver checkup clinic compress consultation cornea crutch cure dentist dermis diagnosis
    diet dose dressing elixir enamel exam femur gauze healer heartbeat herbalist hospital hygiene immunity inhaler insulin kneecap lens
    ligament lotion massage medic medicine midwife nurse nutrition ointment optician paramedic pharmacist physician pill pulse recovery reflex remedy
    rest retina rinse salve scalpel spine splint sternum stethoscope surgeon syrup tablet tendon therapist therapy thermometer tibia tonic treatment
    triage vaccine vitamin wellness xray`),
  microbiology: words(`
    agar archaea bacillus bacterium biofilm broth capsid capsule ciliate coccus colony culture diatom euglena fermenter flagellum fungus hypha
    incubator inoculum lichen lysozyme medium microbe microbiome microscope mold mycelium paramecium petri phage pilus plankton plasmid protist
    protozoan rotifer slide spirillum spore sporangium streptomyces tardigrade vacuole vibrio volvox yeast zoospore`),
  molecular_biology: words(`
    actin allele amino anticodon catalase cell centromere chaperone chromatid chromatin chromosome cofactor codon collagen cytosine dimer dna enhancer
    enzyme exon gene genome genotype golgi guanine helicase helix histone hormone intron keratin kinase ligand ligase lipid locus lysosome membrane
    messenger mitochondrion myosin nucleoid nucleotide nucleus operon organelle peptide polymerase primer promoter protein proteome receptor repressor
    residue ribosome rna sequence splice subunit telomere template thymine transcript transposon uracil vector vesicle`),
  music: words(`
    accordion adagio allegro alto anthem aria arpeggio bagpipe ballad banjo baritone bassoon baton bell beat bolero bongo bow bugle cadence cantata
    celesta cello chant chime choir chord chorus clarinet clef coda concerto conductor cornet crescendo cymbal drum duet dulcimer encore ensemble etude
    fanfare fiddle flute forte fugue gavotte glockenspiel gong guitar harmonica harmony harp harpsichord horn hymn interlude interval jazz kazoo keyboard
    libretto lullaby lute lyre mandolin maraca marimba mazurka measure melody metronome minuet motif nocturne note oboe octave opera oratorio orchestra
    organ ostinato overture percussion piano piccolo pitch polka polonaise prelude quartet quintet ragtime recital reed refrain rhapsody rhythm rondo
    rumba samba saxophone scale scherzo score serenade sitar solo sonata song soprano staccato string swing symphony tambourine tango tempo tenor theme
    timbre timpani toccata tone treble tremolo triad trill trio trombone trumpet tuba ukulele vibraphone viola violin vocal waltz xylophone zither`),
  physics: words(`
    acceleration acoustics amplitude antenna atom baryon boson capacitor cathode charge coil conductor coulomb crystal current density diffraction diode
    dipole doppler dynamo echo electron energy entropy fermion field flux force frequency friction fulcrum fusion gluon graviton gravity gyroscope
    hadron hertz impulse inductor inertia ion isotope joule kelvin laser lens lepton lever light magnet mass meson mirror momentum motion muon neutrino
    neutron newton nucleus ohm optics oscillator particle pendulum phase photon pion plasma polaron positron potential power pressure prism proton pulley
    pulse quantum quark radiation radio reflection refraction resistor resonance rotor scalar sensor soliton spectrum speed spin spring superposition
    tension thermostat torque transistor tunnel turbine vacuum vector velocity vibration voltage vortex watt wave wavelength weight work`),
  plants: words(`
    acacia acorn agave alder alfalfa aloe amaranth anemone aspen aster azalea bamboo banyan baobab barley beech begonia birch blossom bluebell bonsai
    bramble buttercup cactus calendula camellia carnation cedar chamomile cherry chestnut chicory chrysanthemum clematis clover cornflower cosmos
    cottonwood crocus cypress daffodil dahlia daisy dandelion dogwood elder elm eucalyptus fern fir flax forsythia foxglove freesia fuchsia gardenia
    geranium ginkgo gladiolus goldenrod grass hawthorn hazel heather hemlock hibiscus hickory holly honeysuckle hornbeam hyacinth hydrangea iris ivy
    jasmine juniper larch larkspur laurel lavender lilac lily linden lotus lupine magnolia mahogany mallow mangrove maple marigold mimosa mistletoe moss
    myrtle narcissus nasturtium oak oleander olive orchid oregano osier palm pansy peony petunia phlox pine poplar poppy primrose redwood reed rose
    rosemary rowan sage sapling sequoia snowdrop sorrel spruce sumac sunflower sycamore tamarack teak thistle thyme tulip verbena viola willow wisteria
    yarrow yew yucca zinnia`),
  scientists: words(`
    ampere archimedes aristotle avogadro babbage becquerel bernoulli bohr boltzmann boole born brahe brahmagupta cantor carson cavendish celsius
    chandrasekhar chebyshev copernicus curie dalton darwin descartes dijkstra dirac edison einstein eratosthenes euclid euler faraday fermat fermi
    feynman fibonacci fleming foucault fourier franklin galileo galois galvani gauss germain goodall hamilton hawking heisenberg herschel hertz hilbert
    hodgkin hooke hopper hubble huygens hypatia johnson joule kelvin kepler knuth kovalevskaya lagrange lamarr laplace lavoisier leavitt leibniz lorenz
    lovelace maxwell mayer mcclintock meitner mendel mendeleev mirzakhani morse napier newton nightingale nobel noether ohm oppenheimer pascal pasteur
    pauling payne penrose planck poincare ptolemy pythagoras ramanujan riemann rubin rutherford sagan salk schrodinger shannon somerville tesla thales
    torvalds turing vaughan volta watt wiles wing wright wu yalow yonath`),
  sports: words(`
    acrobat aikido archer archery arena athlete athletics backhand backstroke badminton ball baseball basket basketball baton beam biathlon bicycle
    billiards birdie bobsled bowling butterfly canoe catcher champion climber coach court cricket croquet crossbar curling cyclist dart decathlon discus
    diver diving dribble dugout dunk eagle fencer fencing field final fitness football forehand freestyle frisbee goal golf gymnast gymnastics handball
    helmet hockey homerun hurdle hurdler inning javelin jersey judo karate kayak keeper lacrosse lap league luge marathon mascot match medal
    paddle parkour pentathlon pitcher podium polo puck putt racket rally referee regatta relay rower rowing rugby runner rush sabre sailor sailing save
    scoreboard serve skateboard skater skating ski skier slalom sledder snooker snowboard soccer softball somersault sprint sprinter squash stadium
    striker surfer surfing swimmer swimming taekwondo tackle team tennis throw touchdown trampoline triathlon trophy umpire vault victory volley
    volleyball whistle windsurfer winner wrestler yoga`),
  technology: words(`
    actuator adapter airship amplifier android antenna appliance autopilot balloon barcode battery beacon bearing bluetooth boiler bolt bulldozer
    cable calculator camera capsule chip circuit clutch cockpit computer console converter conveyor crane dashboard dial display dock drill drone dynamo
    elevator engine escalator fiber filament flywheel fuse gadget gauge gearbox generator glider gyro hardware headset helicopter hologram hovercraft
    hydraulics inverter jetpack joystick keyboard keypad laptop lathe lightbulb locomotive lever loom machine microphone modem module monitor monorail
    motor mouse network panel phonograph piston pixel plotter printer processor propeller prototype pulley pump quadcopter radar radio receiver reactor
    relay remote robot rocket rotor rover satellite scanner screen sensor server servo shuttle smartwatch solenoid sonar spacecraft speaker spring starship
    submarine switch synthesizer tablet telegraph telephone telescope terminal thermostat thruster toolkit touchpad tractor transformer transistor
    transmitter turbine typewriter valve webcam welder widget windmill winch wire zeppelin`),
} as const;

/**
 * Each category with the lists it draws from: one of them is chosen first, so that a short list of a joined category is met as often
 * as a long one.
 */
export const nounCategories = {
  animals: [nounLists.animals],
  architecture: [nounLists.architecture],
  art: [nounLists.art],
  astronomy: [nounLists.astronomy],
  biology: [nounLists.animals, nounLists.plants, nounLists.microbiology, nounLists.molecular_biology],
  chemistry: [nounLists.chemistry],
  computer_science: [nounLists.computer_science],
  countries: [nounLists.countries],
  economy: [nounLists.economy],
  food: [nounLists.food],
  general: [nounLists.general],
  geography: [nounLists.geography],
  history: [nounLists.history],
  literature: [nounLists.literature],
  math: [nounLists.math],
  medicine: [nounLists.medicine],
  microbiology: [nounLists.microbiology],
  molecular_biology: [nounLists.molecular_biology],
  music: [nounLists.music],
  physics: [nounLists.physics],
  plants: [nounLists.plants],
  science: [nounLists.astronomy, nounLists.chemistry, nounLists.math, nounLists.physics, nounLists.scientists],
  scientists: [nounLists.scientists],
  sports: [nounLists.sports],
  technology: [nounLists.technology],
} as const satisfies Readonly<Record<string, readonly (readonly string[])[]>>;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
