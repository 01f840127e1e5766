"""Words of six languages that compare: how a bound is said before a value, behind it, and on both sides. Pure.

Patterns are for a text as `words.plain` writes it.
"""

from __future__ import annotations

from typing import Literal

Side = Literal["<", "<=", ">", ">=", "older", "newer"]
"""`older` and `newer` turn with what is compared: of years the older one is less, of ages more."""
Of = Literal["number", "moment", "either"]
"""What may be compared so: an amount, a moment (time of day, date, year), or one as well as the other."""

BEFORE_VALUE: tuple[tuple[Side, Of, str], ...] = (
    (
        "<=",
        "number",
        (r"(?:no|not) (?:more|greater|higher|larger|bigger|longer) than|at (?:the )?most|not exceeding|up to|less than or equal to|nicht mehr als|hochstens|maximal"
        r"|pas plus (?:de|d')|non piu (?:di|de[il])|no mas de|nao mais (?:de|do que)|(?:tout )?au plus|au maximum|como maximo|a lo sumo|al massimo|no maximo"
        r"|max(?:imum|imo|\.)?(?: of| de| von| di)?|(?:inferieure?s? ou egale?s? a|inferior(?:es)? o igual(?:es)? a|menor(?:es)? o igual(?:es)? (?:a|que)|inferiori? o ugual[ei] a"
        r"|minor[ei] o ugual[ei] a|inferior(?:es)? ou igua(?:l|is) a|menor(?:es)? ou igua(?:l|is) a)|<=|=<|\u2264"),
    ),
    (
        ">=",
        "number",
        (r"(?:no|not) (?:less|fewer|lower) than|at (?:the )?least|(?:more|greater) than or equal to|nicht weniger als|mindestens|wenigstens|pas moins (?:de|d')|no menos de|non meno di"
        r"|nao menos (?:de|do que)|au moins|au minimum|al menos|por lo menos|como minimo|almeno|pelo menos|no minimo|min(?:imum|imo|\.)(?: of| de| von| di)?"
        r"|(?:superieure?s? ou egale?s? a|superior(?:es)? o igual(?:es)? a|mayor(?:es)? o igual(?:es)? (?:a|que)|superiori? o ugual[ei] a|maggior[ei] o ugual[ei] a"
        r"|superior(?:es)? ou igua(?:l|is) a|maior(?:es)? ou igua(?:l|is) a)|>=|=>|\u2265"),
    ),
    ("<=", "moment", r"until|till|no later than|not later than|entro(?: le| il)?|au plus tard (?:le |a )?|a mas tardar (?:el |a )?"),
    ("<=", "either", r"bis(?: zu| zum)?|jusqu'(?:a|au|aux)|hasta(?: el| las| los)?|fino a(?:l|lle|lla|i)?|ate(?: ao| as| aos| o)?"),
    (">=", "moment", r"since|seit(?: dem)?|depuis(?: le| la)?|no earlier than|not earlier than|dal(?:le|l')?(?= \d{4}\b)"),
    (
        ">=",
        "either",
        (r"ab(?: dem)?|(?:starting|beginning) (?:at|from|in)|a partir d(?:el|es|u|os|as|o|a|e(?: las?| los?| l)?|')|a partire da(?:l|lle|i|gli)?|desde(?: el| las?| los| os?| as?)?"
        r"|from(?= [^.,;\n]{0,24}\b(?:on|onwards?|upwards?|up)\b)"),
    ),
    (
        "<",
        "moment",
        r"before|earlier than|prior to|vor(?: dem| der)?|fruher als|avant(?: les?| la)?|plus tot que|antes d(?:el|os?|as?|e(?: las?| los?)?)|prima d(?:i|el|elle|ell'|ella)",
    ),
    (
        ">",
        "moment",
        r"after|later than|nach(?: dem| der)?|spater als|apres(?: les?| la)?|plus tard que|despues d(?:el|e(?: las?| los?)?)|dopo(?: le| il| l'| la)?|depois d(?:e|os?|as?)|apos(?: os?| as?)?",
    ),
    (
        "<",
        "number",
        (r"(?:less|fewer|lower|smaller|shorter|cheaper|lighter|less expensive) than|under|below|beneath|weniger als|unter|unterhalb(?: von)?"
        r"|(?:klein|kurz|billig|gunstig|leicht|niedrig|preiswert|gering)er als|moins (?:cher|chere|long|longue|grand|grande|lourd|lourde|eleve|elevee)s? (?:que|de)|moins (?:de|d')|inferieure?s? a(?:ux)?"
        r"|(?:en|au)[- ]dessous de|sous|menos (?:de|do que|que)|mas (?:barat[oa]s?|baj[oa]s?|cort[oa]s?|pequen[oa]s?|liger[oa]s?) (?:que|de)|(?:inferior|menor)(?:es)? (?:a|que|de|do que|aos?)|por debajo de"
        r"|meno (?:di|de[il])|piu (?:economic\w+|bass[oaie]|cort[oaie]|piccol[oaie]|legger[oaie]) d(?:i|el|ei)|(?:inferior|minor)[ei] (?:ai?|di)|(?:al di )?sotto(?: de)?(?: ?i| gli| le| l')?"
        r"|mais (?:barat[oa]s?|baix[oa]s?|curt[oa]s?|pequen[oa]s?|leves?) (?:do )?que|abaixo d(?:e|os|as)|<"),
    ),
    (
        ">",
        "number",
        (r"(?:more|greater|higher|larger|bigger|longer|heavier|dearer|pricier|costlier|more expensive) than|over|above|exceed(?:s|ing)?|in excess of|mehr als|uber|ueber|oberhalb(?: von)?"
        r"|(?:gro(?:\u00df|ss)|lang|teur|schwer|hoh)er als|plus (?:cher|chere|long|longue|grand|grande|gros|grosse|lourd|lourde|eleve|elevee)s? (?:que|de)|plus (?:de|d')|superieure?s? a(?:ux)?"
        r"|au[- ]dessus de|au[- ]dela de|depass(?:e|ent|ant)|mas (?:car[oa]s?|alt[oa]s?|larg[oa]s?|grandes?|pesad[oa]s?) (?:que|de)|mas (?:de|que)|(?:superior|mayor)(?:es)? (?:a|que|de)|por encima de"
        r"|piu (?:car[oaie]|alt[oaie]|lung\w+|grand[ei]|pesant[ei]) d(?:i|el|ei)|piu (?:di|de[il])|(?:superior|maggior)[ei] (?:ai?|di)|(?:al di )?sopra(?: de)?(?: ?i| gli| le| l')?|oltre(?: i| gli| le)?|supera(?:no)?"
        r"|mais (?:car[oa]s?|alt[oa]s?|long[oa]s?|grandes?|pesad[oa]s?) (?:do )?que|mais (?:de|do que)|maior(?:es)? (?:que|do que)|acima d(?:e|os|as)|>"),
    ),
    (
        "older",
        "either",
        r"older than|alter als|plus (?:vieux|vieilles?|agee?s?|anciens?|anciennes?) que|mas (?:viej[oa]s?|antigu[oa]s?|mayores) (?:que|de)|piu (?:vecchi\w?|anzian[oiae]|antic\w+) d(?:i|el)|mais (?:velh[oa]s?|antig[oa]s?) (?:do )?que",
    ),
    (
        "newer",
        "either",
        (r"newer than|more recent than|younger than|junger als|neuer als|plus (?:jeunes?|recente?s?) que|mas (?:jovene?s?|joven|nuev[oa]s?|recientes?) (?:que|de)|piu (?:giovan[ei]|nuov[oaie]|recent[ei]) d(?:i|el)"
        r"|mais (?:nov[oa]s?|joven?s?|jovem|recentes?) (?:do )?que"),
    ),
)  # fmt: skip
_MORE = (
    r"more|up|above|over|upwards?|larger|higher|mehr|daruber|plus|au-dela|mas|superior|superiores|piu|oltre|mais|acima"
)
_LESS = r"less|fewer|under|below|lower|cheaper|smaller|weniger|darunter|billiger|moins|menos|inferior|meno|abaixo"
_LATER = r"later|after|newer|more recent|thereafter|spater|danach|neuer|plus tard|apres|mas tarde|despues|posterior|posteriores|piu tardi|dopo|mais tarde|depois"
_EARLIER = r"earlier|before|older|fruher|davor|vorher|plus tot|avant|antes|anterior|prima"
_OR = r"(?:or|oder|ou|o|and|und|et|y|e)"
BEHIND_VALUE: tuple[tuple[Side, Of, str], ...] = (
    (">=", "moment", rf"{_OR} (?:{_LATER})"),
    ("<=", "moment", rf"{_OR} (?:{_EARLIER})"),
    (">=", "number", rf"{_OR} (?:{_MORE})|at least|mindestens|au moins|au minimum|como minimo|al menos|almeno|no minimo|pelo menos|minimum"),
    ("<=", "number", rf"{_OR} (?:{_LESS})|at (?:the )?most|maximum|hochstens|maximal|au plus|au maximum|como maximo|al massimo|no maximo"),
    (">=", "number", r"or older|and older|oder alter|ou plus ages?"),
)  # fmt: skip
BOTH_SIDES = r"between|zwischen|entre|tra|fra"
ANDS = r"and|und|et|y|e|ed|a"
HINTS: tuple[tuple[str, str], ...] = (
    ("money", r"cheap|expens|dear|pric|costl|billig|gunstig|preiswert|teur|cher|barat|economic|\bcar[oaie]"),
    ("age", r"old|young|alter|junger|vieu|vieil|age|jeune|viej|joven|mayores|vecchi|anzian|giovan|velh|jove|nov"),
    ("weight", r"light|heav|leicht|schwer|lourd|liger|pesad|legger|pesant|\bleves?\b"),
)
"""What a word that compares says of what is compared."""
