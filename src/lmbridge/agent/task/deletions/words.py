"""The words of six languages by which a task orders that a file or a folder is deleted. Every form is bounded."""

from __future__ import annotations

import re

_ENDINGS = (
    r"(?:txt|md|markdown|rst|csv|tsv|jsonl?|ya?ml|ini|cfg|conf|toml|env|log|html?|css|jsx?|tsx?|py|ipynb|java|cpp|c|h|rs|go|rb|php|sh|bat|ps1|sql|xml|svg|png|jpe?g|gif|webp|bmp|tiff?|heic|pdf|docx?|xlsx?|pptx?"
    r"|od[tsp]|rtf|tex|bib|zip|tar|tgz|gz|bz2|7z|rar|mp3|mp4|wav|avi|mov|mkv|flac|bak|tmp|temp|old|orig|swp|lock|pid|db|sqlite3?|ics|vcf|eml|mbox|epub|iso|exe|dmg)"
)
_BOUND = r"\s\"'`\u201c\u201d\u201e\u00ab\u00bb,;:!?()<>\[\]{}|*"
_ROOTED = rf"(?:[A-Za-z]:[/\\]|~?[/\\]|\.{{1,2}}[/\\])[^{_BOUND}]{{1,300}}"
_BARE = rf"(?:[\w-][\w.-]{{0,60}}[/\\]){{0,10}}[\w.-]{{0,80}}\.{_ENDINGS}(?!\.?[\w/\\-])"
NAMED = (
    r"(?:\"(?:[A-Za-z]:|~|\.{1,2})?[/\\][^\"\n]{1,300}\"|`(?:[A-Za-z]:|~|\.{1,2})?[/\\][^`\n]{1,300}`|'(?:[A-Za-z]:|~|\.{1,2})?[/\\][^'\n]{1,300}'"
    rf"|[\"'`\u201c\u201e\u00ab]?(?:{_ROOTED}|{_BARE})(?:[\"'`\u201d\u201c\u00bb](?!s\b))?)"
)
"""A path from the root, the home or the folder of work on, or the name of a file whose ending tells that it is one."""
_KIND = (
    r"(?:files?|folders?|sub-?folders?|director(?:y|ies)|dir|documents?|datei(?:en)?|(?:unter)?ordner|verzeichnis(?:se)?|dokumente?|fichiers?|(?:sous-)?dossiers?|r\u00e9pertoires?|archivos?|ficheros?|carpetas?"
    r"|directorios?|documentos?|cartell[ae]|documenti|arquivos?|ficheiros?|pastas?|diret\u00f3rios?)"
)
KIND = re.compile(_KIND, re.IGNORECASE)
PREPOSITION = re.compile(
    r"in|from|of|out|on|off|into|onto|to|by|with|within|inside|for|aus|von|vom|im|ins|auf|bei|mit|zu|nach|zum|zur|de|du|des|d['\u2019]|dans|sur|\u00e0|au|aux|en|avec|pour|del|al|con|desde|da|dal|dalla|dai|di|della"
    r"|nel|nella|nei|su|sul|sulla|do|dos|em|no|na|nos|nas|para|com",
    re.IGNORECASE,
)
DETERMINER = re.compile(
    r"the|old|outdated|alte[nrs]?|vieux|vieille|viej[oa]|vecchi[oa]|velh[oa]|my|our|your|this|that|these|those|all|both|whole|entire|die|das|den|dem|diese[nrsm]?|meine?[nrsm]?|unsere?[nrsm]?|ganze[nrsm]?|le|la|les|ce|cet|cette|ces|mon|ma|mes|notre|nos|el|los|las|este|esta|estos"
    r"|ese|esa|mi|mis|nuestr[oa]|il|lo|gli|i|questo|questa|mio|mia|nostr[oa]|o|a|os|as|esse|essa|meu|minha|nosso|nossa",
    re.IGNORECASE,
)
PART = re.compile(
    r"lines?|words?|rows?|entr(?:y|ies)|columns?|sections?|paragraphs?|comments?|todos?|headings?|titles?|texts?|sentences?|characters?|spaces?|blanks?|whitespace|duplicates?|items?|marks?|tags?|fields?|keys?|values?|functions?"
    r"|imports?|class(?:es)?|methods?|bullets?|numbers?|contents?|mentions?|references?|links?|permissions?|passwords?|everything|anything|nothing|typos?|errors?|parts?|half|pages?|names?|records?|access|tasks?|points?|chapters?"
    r"|zeilen?|w\u00f6rter|wort|eintr[\u00e4a]ge?|spalten?|abschnitte?|abs[\u00e4a]tze?|kommentare?|\u00fcberschrift(?:en)?|titel|s[\u00e4a]tze?|zeichen|leerzeichen|duplikate?|felder|feld|werte?|inhalte?|alles|verweise?|seiten?|punkte?"
    r"|lignes?|mots?|entr\u00e9es?|colonnes?|paragraphes?|commentaires?|titres?|phrases?|espaces?|doublons?|contenus?|tout|mentions?|liens?|l\u00edneas?|palabras?|entradas?|filas?|columnas?|secci(?:\u00f3n|ones)|p\u00e1rrafos?|comentarios?"
    r"|t\u00edtulos?|frases?|espacios?|duplicados?|contenidos?|todo|righ[ae]|parol[ae]|voc[ei]|colonn[ae]|sezion[ei]|paragraf[oi]|comment[oi]|titol[oi]|frase|spazi|doppion[ei]|contenut[oi]|tutto|linhas?|palavras?|colunas?|se\u00e7\u00f5es"
    r"|se\u00e7\u00e3o|par\u00e1grafos?|coment\u00e1rios?|conte\u00fados?|tudo|itens?",
    re.IGNORECASE,
)
"""What a part of a file is called: who deletes one deletes no file."""
NO_FILLER = re.compile(
    r"and|or|then|but|if|whether|when|that['\u2019]s|which|who|because|says?|said|tells?|told|thinks?|check|ask|und|oder|dann|aber|wenn|ob|weil|welche[rsn]?|sagt|sagte|wollte|will|hat|hatte|kann|konnte|wird|w\u00fcrde|soll|sollte|m\u00f6chte"
    r"|muss|darf|et|ou|puis|mais|qui|quand|y|pero|que|quando|quien|ma|che|chi|mas|quem|move|rename|copy|write|add|put",
    re.IGNORECASE,
)
"""What does not stand between the verb and what is to be deleted."""
_SOFT = (
    r"(?:please|pls|plz|kindly|now|then|and|so|just|simply|also|first|finally|next|but|hey|hi|hello|ok(?:ay)?|yes|task|bitte|dann|jetzt|und|also|nun|mal|einfach|aber|sondern|hallo|aufgabe|puis|ensuite|et|donc|alors|mais|s['\u2019]il (?:te|vous) pla[i\u00ee]t"
    r"|stp|svp|t\u00e2che|luego|y|ahora|por favor|entonces|pero|tarea|per favore|per piacere|poi|e|ora|quindi|allora|ma|compito|agora|ent\u00e3o|depois|mas|tarefa)"
)
_LEAD = (
    r"(?:you (?:can|may|should|must|have to|need to)|(?:i|we) (?:need|want|would like)(?: you)? to|i['\u2019]d like (?:you )?to|make sure (?:to|that you|you)|(?:your task is|it is time|it['\u2019]s time|time|go ahead and|be so kind as|feel free) ?(?:to)?"
    r"|il faut|(?:tu peux|tu dois|vous pouvez|vous devez)|je (?:veux|voudrais|souhaite) que (?:tu|vous)|merci de|veuillez|pense \u00e0|hay que|tienes que|debes|puedes|(?:quiero|necesito|quisiera) que|me gustar\u00eda que"
    r"|devi|bisogna|puoi|dovresti|(?:voglio|vorrei) che(?: tu)?|(?:voc\u00ea )?(?:deve|pode|precisa)|\u00e9 preciso|(?:quero|preciso) que(?: voc\u00ea)?"
    r"|du (?:kannst|sollst|musst|darfst|solltest)|ich (?:m\u00f6chte|will),? dass du|wir (?:m\u00fcssen|sollten|k\u00f6nnen)|man (?:kann|muss|sollte))"
)
_FILE_WORD = rf"(?:(?:the|this|that|die|der|den|das|diese[nrs]?|le|ce|cet|la|el|ese|este|esta|il|lo|questo|questa|o|a|esse|essa) )?{_KIND}"
BEGINNING = (
    r"(?:^[\s\u00bf\u00a1*>-]{0,3}(?:\d{1,2}[.)]\s)?|[,;(\u2013\u2014]\s{0,2}|\s-\s{1,2}|\s(?:and|so|then|but|und|also|dann|aber|et|donc|mais|y|pero|e|quindi|ma|mas)\s)"
    rf"(?:{_SOFT}\b[\s,:]{{1,3}}){{0,5}}(?:(?:in|from|im|aus|dans|en|nella?|no|na)\s(?:(?:the|dem|der|le|la|el|il|o|a)\s)?(?:{_KIND}\s)?{_ROOTED}\s)?(?:{_LEAD}\s(?:please |bitte )?)?"
)
"""Where an order begins: the sentence, what stands behind a comma or an "and", and what is said before it for courtesy."""
_VERB = (
    r"(?:delet(?:e|ing)|remov(?:e|ing)|eras(?:e|ing)|unlink|rm|rmdir|scrap|ditch|destroy(?:ing)?|get(?:ting)?\srid\sof|do\saway\swith|throw(?:ing)?\s(?:away|out)|toss\sout|chuck\s(?:out|away)"
    r"|l(?:\u00f6|oe)sch(?:en?|t|st)?|entfern(?:en?|t|st)?|beseitig(?:en?|t)|supprim(?:e[srz]?|ez)|effac(?:e[srz]?|ez)|d\u00e9trui(?:s|sez|re)|jet(?:te[sz]?|ez|er)|\u00e9limin(?:e[srz]?|ez)|enl\u00e8ve[sz]?|enlever|retire[srz]?|vire[rz]?"
    r"|d\u00e9barrasse(?:-toi|-moi|-nous|z-vous|z-moi|z-nous)\s(?:de|du|d['\u2019])|borr(?:ar?|es?|en|ad|ame)|elimin(?:ar?|es?|en|ad|ame|are|ate|i|assi)|suprim(?:e|ir|as?|an)|quit(?:ar?|es?|en)|desech(?:ar?|es?)|desha(?:z|ga)te\sde"
    r"|cancell(?:a|are|ate|i|assi)|rimuov(?:i|ere|a|ete)|togli(?:ere|ete)?|distrugg(?:i|ere)|(?:butt|gett)(?:a|are|i)\svia|sbarazzati\sdi|apag(?:a|ar|ue[sm]?)|exclu(?:i|ir|a[sm]?)|remov(?:a|er|as)|delet(?:a|ar|es)"
    r"|(?:jog|deit)(?:a|ar|ue)\sfora|jogue\sfora|livr(?:a-te|e-se)\sd[eoa]|desf(?:az-te|a\u00e7a-se)\sd[eoa])(?:-(?:moi|nous|me))?"
)
_FILLER = r"(?P<filler>(?:\s{1,2}[\w'\u2019-]{1,30}){0,8}?)"
_LIST = rf"(?P<places>{NAMED}(?:(?:\s?,\s?(?:(?:and|und|et|y|e)\s)?|\s(?:and|und|sowie|et|y|e|&|as well as)\s)(?:(?:the|also|auch|die|das|den|le|la|el|il|o|a)\s)?(?:{_KIND}\s)?{NAMED}){{0,9}})"
VERB_FIRST = re.compile(rf"{BEGINNING}{_VERB}{_FILLER}\s?(?::\s{{1,2}}|\s\(?){_LIST}", re.IGNORECASE)
""""Delete the old flyer /a.txt", "supprime le fichier /a.txt"."""
THROWN = re.compile(
    rf"{BEGINNING}(?:throw|toss|chuck|wirf|werft|werfen sie|schmei(?:\u00df|ss)t?|joga|jogue|deita){_FILLER}\s{{1,2}}{_LIST}(?P<between>(?:\s[\w'\u2019-]{{1,20}}){{0,3}}?)\s(?:away|out|weg|fort|raus|fora)\b",
    re.IGNORECASE,
)
"""A verb whose other part stands behind: "throw /a.txt away", "wirf /a.txt weg"."""
VERB_LAST = re.compile(
    rf"{BEGINNING}(?P<filler>(?:[\w'\u2019-]{{1,30}}\s{{1,2}}){{0,6}}?){_LIST}(?P<between>(?:\s[\w'\u2019-]{{1,20}}){{0,3}}?)\s(?:zu\s)?(?:l(?:\u00f6|oe)sch(?:en|st)|entfern(?:en|st)|wegwerfen|wegschmei(?:\u00df|ss)en|beseitigen)\b",
    re.IGNORECASE,
)
"""The German order: "Bitte die Datei /a.txt löschen"."""
TO_BE = re.compile(
    rf"{BEGINNING}(?:(?:i|we) (?:want|need|would like) |(?:i|we)['\u2019]d like |have |get )?(?P<filler>(?:[\w'\u2019-]{{1,30}}\s{{1,2}}){{0,5}}?){_LIST}(?P<between>)\s"
    r"(?:(?:should|must|can|may|needs? to|has to|have to|ought to|is to|are to)\s(?:now\s|please\s|also\s)?(?:be\s(?:deleted|removed|erased|thrown\s(?:away|out)|gone)\b|go(?=\s?(?:[.,;!)]|$)|\s(?:now|please|because|since|so)\b))"
    r"|(?:to\sbe\s)?(?:deleted|gone|erased)(?=\s?(?:[.,;!)]|$)|\s(?:now|please|because|since|so)\b)"
    r"|(?:soll|muss|kann|darf|sollte|k\u00f6nnen|sollen|m\u00fcssen)\s(?:(?:bitte|jetzt|auch|nun)\s){0,2}(?:weg\b|gel\u00f6scht\swerden|entfernt\swerden|verschwinden)"
    r"|(?:doit|doivent|peut|peuvent|devrait)\s\u00eatre\s(?:supprim|effac|d\u00e9trui|jet)\w{1,5}|est\s\u00e0\s(?:supprimer|effacer|jeter)|(?:debe|deben|deber\u00eda|puede|tiene\sque)\sser\s(?:borrad|eliminad|suprimid)\w{1,3}"
    r"|(?:deve|devono|va|vanno|pu\u00f2|dovrebbe)\s(?:essere\s)?(?:cancellat|eliminat|rimoss|buttat)\w\b(?:\svia)?|(?:deve|devem|pode|precisa)\sser\s(?:apagad|exclu\u00edd|eliminad|removid)\w{1,3})",
    re.IGNORECASE,
)
"""What is to become of it: "/a.txt must be deleted", "/a.txt kann weg", "I want /a.txt gone"."""
POINTED = re.compile(
    rf"{BEGINNING}(?:{_VERB}\s(?:bitte\s|please\s)?(?P<pointed>(?:(?:it|this|sie|ihn|es|le|la|lo)(?![\w-])|{_FILE_WORD}(?![\w-])))|(?:throw|wirf)\s(?:it|sie|ihn|es)\s(?:away|out|weg)|(?:supprime|efface|jette)[rz]?-l[ea]|b\u00f3rral[oa]|elim\u00ednal[oa]|cancellal[oa]|eliminal[oa]|buttal[oa]\svia"
    r"|(?:bitte\s(?:l\u00f6schen|entfernen|wegwerfen)|(?:l\u00f6schen|entfernen)\sbitte)"
    r"|(?:apague|apaga|exclua|delete|elimine|remova)-[oa])(?=\s?(?:[.,;!)]|$)|\s(?:now|please|then|because|since|so|for|bitte|jetzt|dann|denn|weil|maintenant|car|ahora|porque|ora|adesso|perch\u00e9|agora)\b)",
    re.IGNORECASE,
)
"""An order that points back: "Delete it.", "then delete the file"."""
IS_SO = re.compile(
    rf"^(?:[\w'\u2019-]{{1,30}}\s{{1,2}}){{0,4}}?{NAMED}\s(?:is|was|are|isn['\u2019]t|ist|war|est|n['\u2019]est|ne sert|es|est\u00e1|ya no sirve|\u00e8|non \u00e8|non serve|\u00e9|n\u00e3o serve)(?![\w'])"
    rf"|\b(?:needs?|brauch\w{{1,3}}|plus besoin de|necesit\w{{1,4}}|serve|precis\w{{1,4}} d[eoa])\s(?:[\w'\u2019-]{{1,30}}\s){{0,4}}?{NAMED}",
    re.IGNORECASE,
)
"""A sentence about a file as such: "/a.txt is out of date.", "nobody needs /a.txt any more"."""
OF_FILE = re.compile(rf"^[\s\u00bf\u00a1*>-]{{0,3}}(?P<place>{NAMED})\s?:\s", re.IGNORECASE)
"""The place that an order is about, in front of it: "/a.txt: delete it"."""
IN_FILE = re.compile(
    rf"^[\s\u00bf\u00a1*>-]{{0,3}}(?:{_SOFT}\s){{0,3}}(?:in|inside|from|im|aus|dans|en|nel(?:la)?|no|na|em)\s(?:[\w'\u2019-]{{1,30}}\s){{0,3}}?(?P<place>{NAMED})",
    re.IGNORECASE,
)
FROM = re.compile(
    r"\s(?:away\s)?(?:from|out\sof|off|of|aus|von|vom|de|du|des|del|desde|da|dal|dalla|dai|dallo|di|do|dos|das)\s(?P<where>[^;!?\n]{1,80})",
    re.IGNORECASE,
)
IN = re.compile(
    r"\s(?:in|im|inside|within|dans|en|nel|nella|no|na|em|auf|on)\s(?P<where>[^;!?\n]{1,80})", re.IGNORECASE
)
WHERE_FILES_ARE = re.compile(
    r"\b(?:folders?|director(?:y|ies)|disk|drive|computer|server|desktop|home|machine|ordner|verzeichnis|festplatte|rechner|dossier|r\u00e9pertoire|disque|ordinateur|bureau|carpeta|directorio|disco|ordenador|escritorio|cartella|pasta|diret\u00f3rio|computador)\b",
    re.IGNORECASE,
)
WHERE_THEY_ARE_NAMED = re.compile(
    r"\b(?:lists?|index|tables?|readme|text|notes?|menu|config\w*|manifest|changelog|imports?|liste|tabelle|verzeichnisliste|sommaire|lista|elenco|tabla|tabela|\u00edndice)\b",
    re.IGNORECASE,
)
NOT_THE_WHOLE = re.compile(
    rf"['\u2019]s\b|\s(?:bitte\s|auf\skeinen\sfall\s)?nicht\b(?!\snur)|\s(?:{PART.pattern})\b|\s(?:to|into|onto|nach|vers|hacia|verso|para)\s|\s(?:is|are|was|were|would|will|fails|failed|gives|takes|does|did|ist|war|est|\u00e8)\b|[^.;!?\n]{{0,80}}\bby\s\w{{3,20}}ing\b|[^.;!?\n]{{0,80}}\bindem\b",
    re.IGNORECASE,
)
"""What stands behind a name where something else than the file is meant, or another way to be rid of it."""
CONDITION = re.compile(
    r"\b(?:if|unless|in\scase|wenn|falls|sofern|sobald|si|s['\u2019]il|se|caso|d\u00e8s\sque|cuando|quando)\b",
    re.IGNORECASE,
)
COURTEOUS_IF = re.compile(
    r"\b(?:if\s(?:you\s(?:can|could|would|please|don['\u2019]t\smind)|possible)|wenn\s(?:m\u00f6glich|du\skannst|es\sgeht)|s['\u2019]il\s(?:te|vous)\spla[i\u00ee]t|si\s(?:possible|tu\speux|vous\spouvez|puedes|es\sposible)|se\s(?:puoi|possibile|puder|poss\u00edvel)|se\sfor\sposs\u00edvel"
    r"|livre-se|desfa\u00e7a-se)\b",
    re.IGNORECASE,
)
INSTEAD = re.compile(
    r"\b(?:trash|recycle|rubbish|(?:the|a|dust)\s?bin|papierkorb|corbeille|poubelle|papelera|basura|cestino|lixeira|lixo|archive[ds]?|archiving|archiv|archivier\w{0,4}|archivar?|archivia(?:re)?|arquiva(?:r)?|back-?ups?|back\s(?:it|them)?\s?up|sicher(?:e|ung\w{0,4})|sauvegard\w{1,4}|respaldo|copia\sde\sseguridad)\b"
    r"|\b(?:mov(?:e|ing)|renam(?:e|ing)|empty|emptying|verschieb\w{0,3}|benenn\w{0,3}|leere?n?|d\u00e9place[rz]?|renomme[rz]?|vide[rz]?|mueve|mover|renombra\w?|vac\u00eda|sposta(?:re)?|rinomina(?:re)?|svuota(?:re)?|mova|renomei?e?|esvazie)\s(?:it|them|this|that|sie|ihn|es|le|la|les|lo|los|las)\b"
    r"|\b(?:put|keep|save|store|bring|take|drop|stell\w{0,2}|leg\w{0,2}|schieb\w{0,2}|mets|pon|metti|coloca|coloque)\s(?:it|them|sie|ihn|es)\s(?:aside|away|in|into|to|under|at|on|nach|unter|zu)\b"
    r"|\b(?:verschiebe?|d\u00e9place|mu\u00e9ve|sp\u00f3sta|vide|vac\u00eda|svuota)-?l[eoa]s?\b",
    re.IGNORECASE,
)
"""Ways that a task itself names in which a file may go elsewhere."""
ANEW = re.compile(
    r"\b(?:replac|recreat|rewrit|ersetz|remplac|reemplaz|sostitu|substitu)\w{0,8}|\b(?:from scratch|anew|neu)\b"
    r"|\b(?:creat|writ|mak|schreib|erstell|cr\u00e9e|\u00e9cri|crea|escrib|scriv|crie|escrev)\w{0,6}\s(?:\S{1,30}\s){0,4}?(?:it|new|another|again|neue?[nrsm]?|nouve\w{1,4}|nuev[oa]|nuov[oa]|nov[oa])\b",
    re.IGNORECASE,
)
"""What has something written in the place of what goes."""
COPIES = re.compile(
    r"\b(?:cop(?:y|ied)|mov(?:e|ing)|renam(?:e|ing)|duplicate|kopier\w{0,3}|verschieb\w{0,3}|benenn\w{0,3}|copi(?:e|ez|er|a|ar|are|ad)|d\u00e9place[rz]?|renomme[rz]?|mueve|mover|renombra\w?|sposta(?:re)?|rinomina(?:re)?|mova|renomeie)\b",
    re.IGNORECASE,
)
"""What may end as a move: "copy /a.txt to /b.txt, then delete /a.txt"."""
DENIED_FIRST = re.compile(
    r"^[\s\u00bf\u00a1*>-]{0,3}(?:(?:please|bitte|por favor|s['\u2019]il (?:te|vous) pla[i\u00ee]t)[\s,]{1,2})?(?:do\snot|don['\u2019]?t|never|under\sno|auf\skeinen\sfall|niemals|ne\s|n['\u2019]|no\s|non\s|n\u00e3o\s|nunca|jam\u00e1s|mai\s|jamais)",
    re.IGNORECASE,
)
"""How a sentence begins that says what is not to be."""
IN_A_MESSAGE = re.compile(
    r"\b(?:commit\w{0,4}|messages?|subject|heading|titled?|called|named|says?|saying|nachricht|titel|betreff|message|titre|mensaje|messaggio|mensagem)\b[^.;!?\n]{0,40}$",
    re.IGNORECASE,
)
"""What goes before words that are to be written."""
LISTS = re.compile(
    r"(?:list|todo|to-do|shopping|einkauf|courses|compra|spesa|members?|mitglieder|membres|inventory|inventar|waiting|guests?|names)",
    re.IGNORECASE,
)
"""What names of files have in them that hold things: "remove oat milk /shopping.txt"."""
TELLS_HOW = re.compile(
    r"\b(?:how\s(?:to|do|can)|wie\s(?:man|ich)|comment|c\u00f3mo|come\s(?:si|posso)|como\s(?:se|posso|eu))\b",
    re.IGNORECASE,
)
