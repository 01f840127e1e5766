"""What a task orders, in its own words: that something is changed, that somebody gets something, what something becomes. Pure.

The words of change themselves are the gate's (`mcp_host.gate.mentions`), so that both mean the same by an order. Requests in the form of questions
("Could you rename it to b.txt?") are orders: a 1.5B that was told of one that it asks a question gave the change up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lmbridge.agent.reading.names import MOST_LISTED_IN, asks, denies, ends_asking, paths_in, without_denied
from lmbridge.mcp_host.gate.mentions import speaks_of_change, spoken

_TO_SEND = re.compile(
    r"(?i)\b(?:send|e-?mail|mail|post|publish|share|reply|submit|forward|message|notify|upload|tweet|schick\w*|sende\w*|envoie\w*|envoy\w*|envía\w*|enviar"
    r"|(?:benachrichtig|informier)\w*(?! mich\b| uns\b)|préviens|prévenez|avertis\w*|avisa|avisar|notifica|notificar)\b"
)
"""Words of a task that wants somebody else to get something."""
_WANTED = re.compile(r"(?i)\b(?:to|as|on|off)\s+[\"'`“]?([^\W\d_]{3,})\b")
"""What a task wants something to become: set to shipped, marked as paid."""
_SENTENCES = re.compile(r"(?<=[.!;])\s+|\n+")
_QUOTED_TEXT = re.compile(r"`[^`]*`|\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u201e[^\u201c]*\u201c")
_COURTESY = re.compile(
    r"(?i)^\W*(?:(?:please|now|then|and|first|finally|also|next|bitte|dann|jetzt|und|puis|ensuite|et|luego|y|por favor|s'il te plaît)\b[\s,:]*)+"
)
_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*\u2022])\s+")
"""The number or sign in front of a step."""
_CASE = re.compile(
    r"(?i)^\W*(?:(?:and|then|und|et|y|e)\s+)?(?:if|unless|in case|wenn|falls|sofern|si|s'il|se|caso)\b[^,]{1,200},\s*(?:(?:then|dann|alors|entonces|allora)\s+)?(?P<order>.+)"
)
"""A case and what is to be done in it."""
_FOR_ANSWERS = re.compile(
    r"(?:re)?writ|mak|creat|put|draft|prepar|generat|translat|convert|sort|build|format|fill|export|extend|keep|open|organi|schreib|erstell|\u00e9cri|cr\u00e9|crea|escrib|scriv"
)
"""Beginnings of words that order a text as often as a change."""
_POINTS_TO = re.compile(
    r"(?:->|=>|\u2192|\u279c|\u21d2)\s*[\"'`]?(?:~|\.{0,2}/|[A-Za-z]:[/\\]|[\w-]+\.[A-Za-z]\w{0,5}\b|[\w-]+/)"
)
"""An arrow to a place: "the last three messages -> /reports/week.md"."""
_PLACE = r"[\"'`]?(?P<{}>(?=[^\s:,\"'`/\\.]*[/\\.])[^\s:,\"'`]*\w)[\"'`]?"
_ABOUT = re.compile(
    rf"^\s*(?:(?:in|dans|en|nella?|nel|no|na)\s+(?:(?:the|my|der|die|le|la|el|il|o|a)\s+)?(?:(?:file|datei|fichier|archivo|ficheiro|arquivo)\s+)?{_PLACE.format('inside')}\s*[:,]?\s+"
    rf"|{_PLACE.format('named')}\s*:\s+)",
    re.IGNORECASE,
)
"""The file that an order is about, in front of it: "/lists/shopping.md: add oat milk", "in /site/app.ini set theme = dark"."""
_ASSIGNS = re.compile(
    r"^\s*(?:(?:in\s+)?(?:the\s+)?(?:table|tabelle|tableau|tabla|tabella|tabela|file|datei|fichier|archivo|ficheiro|arquivo)\s+[^\s:]+|[^\s:]*[/\\][^\s:]*)\s*:\s[^?=\n]{1,120}(?:[^?=\n:<>!-]=[^?=\n]|(?:->|=>|\u2192|\u21d2)\s*[\"'`\u201c\u00ab]?[\d+\u20ac$\u00a3])[^?=\n]{0,120}$",
    re.IGNORECASE,
)
"""What something in a table or a file is to be, without a verb: "table products: price of tea = 4.25", "/hours.txt: Monday -> 9:00"; "/ferry.txt: Altnau -> Seeburg" is none."""
_INTO_SOMETHING = re.compile(
    r"(?i)\b(?:into|onto|in|on|to)\s+(?:the|our|my|this|that|an?|your)?\s*(?:[\w'-]+\s+)?(?:tables?|lists?|files?|database|db|graph|memory|folders?|calendar|notes?|repo(?:sitory)?|branch)\b"
)
_AND = re.compile(
    r"(?:(?<!\s)|(?=,)),?\s+(?:and|und|et|y|e)\s+(?:(?:then|dann|puis|luego|poi)\s+)?|,\s+(?:then|dann|puis|luego|poi)\s+",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"(?i)^\W*(?:the|this|that|these|those|it|he|she|we|they|i|there|a|an|my|our|der|die|das|ein|eine|es|er|sie|wir|ich|le|la|les|un|une|il|elle|nous|je|el|los|las|una|yo|lo|gli|uno|io)\b|.*\b(?:how to|wie man|comment|c\u00f3mo|come si|como se)\b"
)
"""How sentences begin that tell something: what is done in them behind an "and" is no order."""
_THING = r"\s+(?:(?:an?|the|my|our|eine?n?|die|das|den|une?|la|le|les|el|il|lo|o|um|uma)\s+(?:(?!(?:of|about|from|for|on|with|von|\u00fcber|aus|zu|mit|de|du|des|di|da|do|del|della|sur|sobre|su|in|en)\b)[^\W\d_]+\s+){0,2}?)?(?:new\s+)?(?:(?:text\s+)?(?:file|folder|directory|datei|ordner|fichier|dossier|archivo|carpeta)\s+)?[\"'`]?"
_INTO = r"\b(?:to|into|onto|as|under|at|als|nach|unter|sous|dans|vers|hacia|come)"
_MAKES = r"^\W*(?:(?:re)?writ|mak|creat|build|schreib|erstell|\u00e9cri|cr\u00e9|crea|escrib|scriv)\w*"
_WRITES_IN = r"\b(?:writ|schreib|\u00e9cri|escrib|escrev|scriv)\w*\s(?:\S+\s){1,6}?(?:in|dans|en|em|su|nel\w*)"
"""What stands before a place that something is to be written to: a word of direction, or the order to make that place itself."""
_NOTES = re.compile(
    r"(?:note|notiere?n?)\s+(?:(?:(?:that|this|it|them)\s+)?down\b|(?:this|it|them)\s+in(?:to)?\b"
    r"|that\s+in(?:to)?\s+(?:your|the|my|our)\s+(?:memory|graph|notes?|list|calendar|database)(?=\s*(?:[,.;!?]|and\b|$)))",
    re.IGNORECASE,
)
"""The order to note something somewhere; "note that prices are old" and "note that in the list …" only point something out."""
_NO_ORDER = re.compile(
    r"(?i)(?:\S+\s+(?:me|us|mich|uns|moi|nous|together)\b|add\s+(?:\S+\s+){0,5}?up\b(?!\s+to\b)|(?:set|sort|point|lay)\s+out\b|clear\s+up\b|\w+[:-]|.*\b(?:this|these|following|diese\w*|folgende\w*|cette|ce|ces|est[ea])\s+(?:sentences?|texts?|paragraphs?|words?|s\u00e4tze|satz"
    r"|w\u00f6rter|phrases?|textes?|mots?|frases?|textos?|palabras?)\b"
    r"|\w+\s+(?:is|are|was|were|has|have|ist|sind|steht|est|sont|\u00e8|sono|\u00e9|s\u00e3o)\b)"
)
"""Sentences that say something of the word, "Change is hard", and orders of words alone: "Update me on it", "Put together what you know", "Fix the typo in this sentence: …"."""


_THERE = re.compile(
    r"\b(?:there(?!\s(?:is|are|was|were|will|has|have)\b)|dort|daraus|davon|l\u00e0|all\u00ed|ah\u00ed|l\u00ec|l\u00e1|ali|dal\u00ec|dali)\b",
    re.IGNORECASE,
)
"""What points back to the place that was named last."""
_OFF = re.compile(
    r"\b(?:(?:cross|tick|strike|scratch|mark)\b|check\b[^.;!?\n]{0,60}\soff\b|streich\w{0,4}|abhak\w{0,4}|hake?\b|raye\w?|coche\w?|barre\w?|tacha\w?|marca\w?|spunta\w{0,2}|depenna\w{0,2}|risca\w?)",
    re.IGNORECASE,
)
"""Orders beside those of `takes_away` that deal with what was taken from a place: "cross the name off there"."""
_PIECES = re.compile(r"\s?[(),;\u2013\u2014]\s?")


_SENTENCES_ASKED = re.compile(r"(?<=[.!;?\u061f\uff1f])\s+|\n+")
_SOFTLY = (
    r"(?:[\s,]+(?:mind|please|pls|plz|kindly|just|maybe|perhaps|quickly|also|then|now|bitte|mal|kurz|eben|eventuell|noch|auch|mir|uns|s'il (?:te|vous) pla\u00eet|stp|svp|me|m'|nous"
    r"|vite|aussi|por favor|porfa|me|nos|per favore|per piacere|mi|ci))*[\s,]+"
)
_ASKED = re.compile(
    r"(?:^|[\s,(:\u00bf-])(?:(?:can|could|would|will) (?:you|u|ya)|(?:kannst|k\u00f6nntest|w\u00fcrdest|magst) du|(?:k\u00f6nnen|k\u00f6nnten|w\u00fcrden) sie"
    r"|(?:peux|pourrais|veux)[- ]tu|tu (?:peux|pourrais)|(?:pouvez|pourriez|voulez)[- ]vous|vous (?:pouvez|pourriez)|(?:me |nos )?(?:puedes|podr\u00edas|puede|podr\u00eda|pod\u00e9s)(?: usted)?"
    r"|(?:mi |ci )?(?:puoi|potresti|pu\u00f2|potrebbe)|(?:voc\u00ea )?(?:pode|poderia|podes|podias|consegue))"
    + _SOFTLY,
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:^|[\s,!(:\u00bf-])(?:(?:mi|ci)\s+(?:l[oaei]\s+)?(?P<it>\w+i)|(?:me|nos)\s+(?:l[oae]s?\s+)?(?P<es>\w+s)|tu\s+(?:m'|me\s+|nous\s+)?(?:l[ea]s?\s+)?(?P<fr>\w+s)"
    r"|(?P<de>\w+st) du(?:\s+(?:mir|uns|bitte|noch|mal))*)(?=\s)",
    re.IGNORECASE,
)
"""Requests that only say what somebody does: "mi metti il latte sulla lista?", "schreibst du mir das in die Liste?"."""
_GERMAN = re.compile(r"(?i)\b(?:kannst|k\u00f6nntest|w\u00fcrdest|magst|k\u00f6nnen|k\u00f6nnten|w\u00fcrden)\b")
_REQUESTS = re.compile(rf"{_ASKED.pattern}|{_SAID.pattern}", re.IGNORECASE)
_RECALLS = re.compile(
    r"(?:remember|forget|keep in mind)\s+(?:what|who(?:se|m)?|when|where|which|how|why|whether|if|anybody|anyone|anything|any|the name|my|our)\b",
    re.IGNORECASE,
)
"""What sounds like an order to remember and asks for what is remembered: "can you remember who leads Support?"."""
_REPLACES = re.compile(
    r"\b(?:now|instead|replac\w*|no longer|any ?more|moved|changed|correct\w*|updat\w*|jetzt|nun|statt(?:dessen)?|ersetz\w*|nicht mehr|umgezogen|korrig\w*|maintenant|désormais|remplac\w*|ne plus"
    r"|au lieu|ahora|reemplaz\w*|ya no|en lugar|en vez|adesso|ora|sostitu\w*|invece|agora|substitu\w*|em vez)\b",
    re.IGNORECASE,
)
"""Words of a task that puts something in the place of what was there."""
_TAKES_AWAY = re.compile(
    r"\b(?:delet\w*|remov\w*|drop(?:s|ped|ping)?\b(?![- ]?(?:off|down|ship))|forget\w*|eras(?:e[sd]?|ing)|lösch\w*|entfern\w*|vergiss|vergessen|supprim\w*|efface\w*|oubli\w*|retire[rz]?|borr(?:ar?|e|en|ad[oa]s?|ando|[aá]l\w*)|elimin\w*|olvid\w*|quita\w*|cancella(?:re|te|l[oaie])?|dimentic\w*"
    r"|togli\w*|apag\w*|esque[cç]\w*|exclu(?:a|am|ir|í\w*))\b",
    re.IGNORECASE,
)
"""Words of a task that wants something gone."""
_NOT_FORGOTTEN = re.compile(
    r"(?:\b(?:do\s+not|never)|\bdon['\u2019]?t)\s+forget\w*|\bvergiss\s+(?:\w+\s+)?nicht\b|\bnicht\s+(?:zu\s+)?vergessen\b|\bn['\u2019]oubli\w*\s+pas\b|\bno\s+(?:te\s+)?olvid\w*"
    r"|\bnon\s+(?:ti\s+)?dimentic\w*|\bn\u00e3o\s+(?:se\s+)?esque\w*",
    re.IGNORECASE,
)
"""What only presses for something: "don't forget the milk"."""
_INTO_PLACE = re.compile(
    r"\b(?:into|onto)\s+(?:(?:the|a|new|my)\s+){0,2}(?:file\s+)?[\"'`]?(?:~|\.{0,2}/|[A-Za-z]:[/\\])|\bin (?:die|eine) (?:neue )?Datei\b"
    r"|\bkeep (?:it|this|that|them|the (?:result|time|answer|number|sum|total|list|outcome)s?) in (?:the (?:new )?file )?[\"'`]?(?:~|\.{0,2}/|[A-Za-z]:[/\\])",
    re.IGNORECASE,
)
"""A place that something goes to: "collect what is open into /todo.md"."""
_INTO_TABLE = re.compile(
    r"\b(?:(?:into|to|onto)\s+(?:(?:the|our|my|this)\s+)?(?:[\w`\"']+\s+)?(?:tables?|database|db)|in\s+(?:die|unsere|meine)\s+(?:[\w`\"']+\s+)?(?:tabellen?|datenbank)|à la (?:table|base de données)"
    r"|a la (?:tabla|base de datos)|alla (?:tabella|base di dati)|à tabela)\b",
    re.IGNORECASE,
)
"""A table as the place that something goes to; "in the database" may as well be where it comes from."""
_SUPPOSES = re.compile(
    r"(?i)\b(?:you|du|sie|ihr|tu|vous|usted|lei|voc\u00ea)\s+(?:should|must|may|might|ought to|surely|probably|m\u00fcsstest|solltest|m\u00fcssten|sollten|devrais|devriez|dois|deber\u00edas|debes|dovresti|devi|deverias|deves?)\s+"
    r"(?:still |already |noch |d\u00e9j\u00e0 |todav\u00eda |ancora |ainda )?(?:remember|recall|know|have|see|find|dir|das|es|dich|te|vous|t'|l'|lo|la|ricordar\w*|recordar\w*|saber|savoir|wissen)\b[^.!?\n]*"
)
"""What a task takes for granted of who is asked: "You should remember it." orders nothing."""
_TO_KNOW = re.compile(
    r"^\W*(?:(?:please|now|bitte|por favor|per favore|s'il (?:te|vous) pla[iî]t)[\s,]+)?(?:show|list|read|tell|find|count|summari[sz]e|compare|fetch|check|extract|explain|describe|get|look|search|give me|say|translat\w*|convert\w*|sort\w*|(?:re)?writ\w*|rephrase|draft\w*|make|generate|turn"
    r"|zeig\w*|list\w*|lies|sag\w*|finde?|such\w*|zähl\w*|fass\w*|vergleich\w*|hol\w*|prüf\w*|gib mir|nenn\w*|übersetz\w*|mach\w*|schreib\w*|montre\w*|lis\w*|dis|trouve\w*|cherche\w*|compte\w*|résume\w*|compar\w*|donne\w*"
    r"|muestra\w*|lista\w*|lee|di(?:me)?|encuentra|busca\w*|cuenta|resum\w*|dame|mostra\w*|elenca|leggi|dimmi|trova|cerca|conta|riassumi|dammi|liste|leia|diga|encontre|conte)\b",
    re.IGNORECASE,
)
"""How tasks begin that want to know something, or a text for their answer, whatever words they go on with: "Show the last commits", "Translate /a.md". Those that
name a place to write to are orders before (`orders_change`)."""
_ASKS_UNMARKED = re.compile(
    r"^\W*(?:who(?:se|m)?|what|which|how|why|where|wer|wem|wen|wessen|welche[nmrs]?|wie|warum|wo|qui|quel(?:le)?s?|combien|comment|pourquoi|o\u00f9|qu\u00e9|qui\u00e9n(?:es)?|cu\u00e1l(?:es)?|cu\u00e1nt[oa]s?|c\u00f3mo|d\u00f3nde"
    r"|chi|quale|quali|quant[oiae]|quem|qual|quais|quantos|quantas|onde|what['\u2019]s|who['\u2019]s"
    r"|was\s+(?:ist|sind|steht|muss|m\u00fcssen|soll|sollte|hat|haben|fehlt|kostet)|give\s+(?:a|the)\s+(?:list|number|name)|i\s+(?:(?:just|only)\s+)?(?:need|have|want|would like)\s+to\s+(?:know|see|find\s+out)"
    r"|ich\s+(?:muss|will|m\u00f6chte)\s+(?:(?:nur|gern)\s+)?wissen|je\s+(?:dois|veux|voudrais)\s+savoir|(?:necesito|quiero|quisiera)\s+saber|(?:devo|voglio|vorrei)\s+sapere|(?:preciso|quero|gostaria\s+de)\s+saber)(?!\w)",
    re.IGNORECASE,
)
"""How questions begin that have no question mark."""
_MAKES_THINGS = re.compile(
    r"^\W*(?:(?:please|bitte|por favor)[\s,]+)?(?:make|create|leg|erstell\w*|mach|cr[ée]e\w*|fais|crea|haz|fai|crie)\s+(?:\S+\s+){0,3}?(?:files?|folders?|director(?:y|ies)|tables?|branch(?:es)?|dateien?|ordner|tabellen?"
    r"|fichiers?|dossiers?|archivos?|carpetas?|tablas?|cartell[ae]|tabell[ae]|arquivos?|pastas?|tabelas?)\b",
    re.IGNORECASE,
)
"""How tasks begin that want something to be there: "Make a file in /a for each guest"."""
_COMMITS_MADE = re.compile(r"\b(?:commits|(?:the|an?|last|latest|first|this|that) commit)\b", re.IGNORECASE)
_IS_TO_BE = re.compile(
    r"\b(?:becomes?|belongs? (?:in|to|into|on|under)|gehör(?:t|en) (?:in|nach|auf|unter)|(?:has|have|needs?|is|are) to|must|should|note (?:it|that|this|them|down)|soll(?:en|te|ten)?|muss|müssen|wird zu|devient|doi(?:t|vent)|deben?|tienen? que|diventa|dev(?:e|ono|em))\b",
    re.IGNORECASE,
)
"""What something is to be: "the heading becomes 1.5.0", "it has to go into /a.json"."""
_LACKS_FILE = re.compile(
    r"\b(?:needs?|lacks?|is missing|requires?|braucht|brauchen|benötigt|fehlt|fehlen|manque|besoin d|necesita|hace falta|falta|manca|precisa)\b[^.!?\n]{0,60}?(?<![\w.])(?P<file>[\w-]{2,}\.[A-Za-z]\w{0,5}|\.?[A-Z][a-z]+file)\b",
    re.IGNORECASE,
)
"""A file that something is without: "/projects/comet still needs a README.md"."""
_WHICH_FILE = re.compile(
    r"\b(?:which|what|welche[nmrs]?|quel(?:le)?s?|qu\u00e9|cu\u00e1l(?:es)?|quale|quali|qual|quais|welk)\s+(?:(?:of\s+(?:the|my)\s+)|(?:\w+\s+))?(?:files?|dateien?|fichiers?|archivos?|ficheros?|file|arquivos?|ficheiros?|bestand\w*)\b",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"([^\W\d_]+n)\W*$")
_END = re.compile(r"\s*[?\u061f\uff1f]+(?P<rest>\s*)$")


def asks_for_change(task: str) -> bool:
    """Whether a task speaks of changing something, or of sending it to somebody."""
    said = spoken(task)
    return speaks_of_change(said) or bool(_TO_SEND.search(said))


def wanted_states(task: str) -> set[str]:
    """The words for what a task wants something to become, folded: `shipped` of "set order 17 to shipped"."""
    return {word.casefold() for word in _WANTED.findall(spoken(task))}


def ordered_behind(task: str) -> bool:
    """Whether a task speaks of a change behind its last question, as "Which is the cheapest? Remember it." does."""
    return speaks_of_change(spoken(_SUPPOSES.sub(" ", re.split(r"[?\u061f\uff1f]", task)[-1])))


def wants_change(task: str) -> bool:
    """Whether a task plainly wants a change: who only wants to know something is shown none."""
    words = _NOT_FORGOTTEN.sub(" ", ends_of(task))
    if orders_change(words) or _MAKES_THINGS.match(spoken(words)) or (asks(words) and ordered_behind(words)):
        return True
    if asks_to_know(words):
        return False
    said = spoken(words)
    if _INTO_PLACE.search(words):
        return True
    if _TO_KNOW.match(said) or _ASKS_UNMARKED.match(said):
        return False
    return speaks_of_change(_COMMITS_MADE.sub(" ", said)) or bool(_IS_TO_BE.search(said) or _LACKS_FILE.search(words))


def only_to_know(task: str) -> bool:
    """Whether a task plainly wants to know something, or a text for its answer."""
    words = ends_of(task)
    return asks_to_know(words) or bool(_TO_KNOW.match(said := spoken(words)) or _ASKS_UNMARKED.match(said))


def lacking_file(task: str) -> str:
    """The file that a task says something is without, as "/site still needs a README.md" does; empty where it names none."""
    found = _LACKS_FILE.search(ends_of(task))
    return found["file"] if found else ""


def asks_for_file(task: str) -> bool:
    """Whether a task asks which file it is: then the name of one is an answer, and need not be opened."""
    return bool(_WHICH_FILE.search(ends_of(task)))


def into_table(task: str) -> bool:
    """Whether a task says that something goes into a table or a database."""
    return bool(_INTO_TABLE.search(spoken(ends_of(task))))


def takes_away(task: str) -> bool:
    """Whether a task wants something gone, as "Forget the Gull." does."""
    return bool(_TAKES_AWAY.search(without_denied(spoken(_NOT_FORGOTTEN.sub(" ", ends_of(task))))))


def replaces(task: str) -> bool:
    """Whether a task puts something in the place of what was there, as "Ida lives in Bern now." does."""
    return bool(_REPLACES.search(spoken(ends_of(task))))


def orders_change(task: str) -> bool:
    """Whether a sentence of a task begins with the order to change something, as "Save in /a.txt how many there are." does.

    "Write a poem" and "Translate /a.md" order none: of the words that are used for answers, too, only those with a place to write to count.
    """
    sentences = _SENTENCES.split(_QUOTED_TEXT.sub(" ", as_orders(ends_of(task))))
    return any(
        _POINTS_TO.search(each) or _ASSIGNS.match(each) or any(map(_is_order, _clauses(each))) for each in sentences
    )


def ordered_places(task: str) -> list[tuple[str, str]]:
    """The one place that an order of a task is to change something at, with the order's words; nothing of orders about several, or for a case.

    Where an order to take something away points back ("plot 4 -> who is first in /list.txt (and remove the name there)"), that is the place
    that was named last, unless something goes there.
    """
    steps = [sentence for sentence in _SENTENCES.split(as_orders(ends_of(task))) if not _CASE.match(sentence)]
    clauses = [clause for step in steps for clause in _AND.split(_COURTESY.sub("", _ITEM.sub("", step)))]
    found = [(place, clause.strip()) for clause in clauses if (place := _at(clause)) and not denies(clause)]
    return [*found, *_pointed_back(steps)]


def _pointed_back(steps: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The places to which orders without a place of their own point back, with the orders' words."""
    last = ""
    for piece in (piece for step in steps for part in _PIECES.split(step) for piece in _AND.split(part)):
        if places := paths_in(piece):
            place = max(places, key=piece.rfind)
            goes_there = re.search(rf"{_INTO}{_THING}{re.escape(place)}", piece, re.IGNORECASE)
            last = "" if goes_there else place
        elif last and _THERE.search(piece) and not denies(piece) and _takes_off(_plain(piece)):
            yield last, _plain(piece).strip(" .!")


def _plain(piece: str) -> str:
    """A piece of a sentence without what it begins with for courtesy, and without a short "and"."""
    return _COURTESY.sub("", re.sub(r"^\W{0,3}(?:e|y)\s", "", piece))


def _takes_off(clause: str) -> bool:
    """Whether a clause orders that something is taken away or marked as dealt with; in German the verb may stand last."""
    verb = _LAST_WORD.search(clause)
    forward = f"{verb[1]} {clause}" if verb and speaks_of_change(verb[1]) else clause
    return bool(_OFF.match(clause) or (_TAKES_AWAY.search(clause) and _is_order(forward)))


def _at(clause: str) -> str:
    """The one place at which a clause orders a change; empty where it does not, or names more."""
    places = paths_in(clause)
    about = _ABOUT.match(clause)
    if len(places) != 1 or not _is_order(_ABOUT.sub("", clause)):
        return ""
    return places[0] if about or _names_where(clause) else ""


def _clauses(sentence: str) -> list[str]:
    """The sentence without what is said before its order, and what it orders behind an "and" in the same form."""
    whole = _COURTESY.sub("", _ABOUT.sub("", sentence))
    behind = [] if _TELLS.match(whole) else _AND.split(whole)[1:]
    return [whole, *(clause for clause in behind if paths_in(clause))]


def _is_order(clause: str) -> bool:
    """Whether a clause begins with the order to change something, at a place where its word is one of answers as well."""
    words = spoken(_COURTESY.sub("", clause))
    if not (speaks_of_change(" ".join(words.split()[:1])) or _NOTES.match(words)) or _NO_ORDER.match(words):
        return False
    first = words.split()[0].lower()
    if first.startswith("put"):
        return bool(paths_in(clause)) or bool(_INTO_SOMETHING.search(clause))
    places = _names_where(_COURTESY.sub("", clause))
    return places or not _FOR_ANSWERS.match(first)


def ends_of(task: str) -> str:
    """The beginning and the end of a long task, where its order stands: between them is somebody's text."""
    return task if len(task) <= 2 * MOST_LISTED_IN else f"{task[:MOST_LISTED_IN]}\n{task[-MOST_LISTED_IN:]}"


def asks_to_know(task: str) -> bool:
    """Whether a task asks something, polite requests for a change left out."""
    return asks(_without_requests(task) if len(task) <= 2 * MOST_LISTED_IN else task)


def ends_asking_to_know(task: str) -> bool:
    """Whether the last sentence of a task is a question, and no polite request for a change."""
    return ends_asking(_without_requests(ends_of(task)))


def _without_requests(task: str) -> str:
    parts = sentences_of(task)
    orders = [order if (order := order_in(part)) and orders_change(order) else part for part in parts]
    return task if orders == parts else " ".join(orders)


def orders_if(task: str) -> bool:
    """Whether a task orders a change for the case that something is so: "If it rains, add an umbrella to /list.txt"."""
    found = (_CASE.match(sentence) for sentence in _SENTENCES.split(_QUOTED_TEXT.sub(" ", task[:MOST_LISTED_IN])))
    return any(orders_change(case["order"]) for case in found if case)


def _names_where(order: str) -> bool:
    places = "|".join(map(re.escape, paths_in(order)))
    return bool(places) and bool(
        re.search(rf"(?:{_INTO}|{_MAKES}|{_WRITES_IN}){_THING}(?:{places})", order, re.IGNORECASE)
    )


def as_orders(task: str) -> str:
    """The task with each polite question that asks for something to be done as a plain order; other questions stay."""
    parts = sentences_of(task)
    return " ".join(order_in(part) or part for part in parts) if _REQUESTS.search(task) else task


def sentences_of(task: str) -> list[str]:
    """The sentences and lines of a task."""
    return _SENTENCES_ASKED.split(task)


def order_in(sentence: str) -> str:
    """The plain order in a polite question; empty where it is none. In German the verb comes forward from its end."""
    found = _ASKED.search(sentence)
    if found is None:
        said = _SAID.search(sentence) if _END.search(sentence) else None
        verb = next(filter(None, said.groups()), "") if said else ""
        return f"{verb}{_END.sub('.', sentence[said.end() :])}" if said and speaks_of_change(verb) else ""
    order = _END.sub(".", sentence[found.end() :]).strip()
    if _RECALLS.match(order):
        return ""
    last = _LAST_WORD.search(order) if _GERMAN.search(found[0]) else None
    return f"{last[1]} {order[: last.start()].strip()}." if last else order
