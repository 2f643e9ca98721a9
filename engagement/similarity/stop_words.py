"""Small words that say nothing of what a text is about, per language: written as `fold` leaves them.

Short lists of our own. A word that means something in its own language (French "or", English "car") may
stand in the list of another: `words.stop_words_of` looks at which language a text is in before it drops
any.
"""

_ENGLISH = """
a about after all also am an and any are as at be because been before being but by can could did do does
doing don down each for from further get had has have having he her here hers him his how i if in into is
isn it its just ll made make may me more most much my need needs no nor not of off on once only or other our
ours out over own please re s same she should so some such t than that the their them then there these they
this those through to too under until up us ve very was we were what when where which while who why will
with would you your
"""
_FRENCH = """
a afin ai ainsi alors au aucun aussi autre autres aux avec avoir c ca car ce ceci cela ces cet cette ceux
chaque comme d dans de des donc dont du elle elles en encore entre est et etaient etait etant etc ete etre
eu eux faire fait faut il ils j je l la le les leur leurs lors lui m mais me meme memes mes moi moins mon n
ne ni nos notre nous on ont ou par pas peu peut plus plusieurs pour pouvoir qu quand que quel quelle quels
qui s sa sans se sera serait ses si soit son sont sous sur t ta te tes toi ton tous tout toute toutes tres
tu un une vers vos votre vous y
"""
_SPANISH = """
a al algo algun alguna ante antes asi aun aunque cada como con cual cuando cuanto de debe del desde donde
dos el ella ellas ellos en entre era es esa esas ese eso esos esta estaba estan estar estas este esto estos
fue ha hace hacer hacia han hasta hay la las le les lo los mas me mi mis mucho muchos muy nada ni no nos
nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque pueda puede pueden que quien
se sea sean ser si sido sin sobre solo son su sus tal tambien tan tanto te tener ti tiene tienen todas todo
todos tu tus un una uno unos usted y ya yo
"""
_CATALAN = """
a al als algun alguna altra altre altres amb aquest aquesta aquestes aquests aixi aixo cada cal com d de
deixar del dels des doncs dos el ella ells els en encara ens entre era es esta estan estar et fa fer fins ha
han hem hi ho i jo l la les li llur lo m mes meu molt molta moltes molts n ni no nos nosaltres nostra nostre
o on pel pels per pero perque poc pot poden puguin pugui qual quan quant que qui s sa seu seva seves seus
ser si sigui siguin sobre son sota t tambe tan tant te tenir tot tota totes tots tu un una unes uns va vos
vostre y ja
"""

STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "fr": frozenset(_FRENCH.split()),
    "es": frozenset(_SPANISH.split()),
    "ca": frozenset(_CATALAN.split()),
}
