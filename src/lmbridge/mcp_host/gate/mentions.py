"""What the user's own words name: files, folders, patterns, hosts, people, tables; and whether they speak of change.

A task is prose, so this reads generously: whatever looks like a path or an address counts as named. The lists of verbs
here only ever soften a decision (a question becomes a note, a note nothing); none of them refuses anything.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from lmbridge.mcp_host.gate import addresses
from lmbridge.mcp_host.gate.addresses import Destination
from lmbridge.mcp_host.gate.letters import letters_in

_QUOTED = re.compile(
    r"`([^`\n]{1,400})`|\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|«([^»\n]{1,400})»|(?<!\w)'([^'\n]{1,400})'(?!\w)"
)
_TOKEN = re.compile(r"[^\s\"'`“”«»<>()\[\]{},;|]+")
_FILE = re.compile(r"^(?:\.[\w-][\w.-]*|[^/\\*?:]*[\w)-]\.[A-Za-z][\w-]{0,9})$")
_PATHY = re.compile(r"^(?:[A-Za-z]:[\\/]|[\\/~]|\.{1,2}[\\/]|file:)|[\\/]")
_FOLDER = re.compile(
    r"(?i)\b(?:folder|directory|dir|ordner|verzeichnis|dossier|r[ée]pertoire|carpeta|directorio|cartella)\s+(?:named |called )?([\w.-]{2,80})"
    r"|([\w.-]{2,80})[\"'`”]?[\s-]+(?:sub)?(?:folder|directory|dir|ordner|verzeichnis)\b"
)
_ENDING = re.compile(
    r"(?i)(?<![\w/])\*?\.([a-z][\w]{0,7})\b(?=[\s-]*(?:files?|dateien|documents?|fichiers?|archivos?)\b)|\*\.([a-z]\w{0,7})\b"
)
_KINDS = {
    "markdown": "md", "python": "py", "text": "txt", "csv": "csv", "json": "json", "yaml": "yaml yml", "toml": "toml", "html": "html htm",
    "javascript": "js mjs cjs jsx", "typescript": "ts tsx", "rust": "rs", "go": "go", "java": "java", "xml": "xml", "log": "log", "sql": "sql",
}  # fmt: skip
_KIND = re.compile(rf"(?i)\b({'|'.join(_KINDS)})[\s-]+(?:source )?(?:files|documents|dateien)\b")
_WORD = re.compile(r"[^\W_]+")
_NO_BLANKS = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
"""Scripts whose words stand beside names without a blank."""
_OF_NAME = rf"[^\s\"'`“”«»<>()\[\]{{}},;|{_NO_BLANKS}]"
_OF_NAMES = re.compile(rf"(?:(?<!{_OF_NAME})|(?!{_OF_NAME})){_OF_NAME}*(?:[\w-][/\\@.][\w-]|[/\\]\w){_OF_NAME}*")
"""Paths, addresses, hosts and names of files. It begins where a word does: else a word of 4,000 letters takes a second."""
_NEGATED = re.compile(
    r"(?i)\b(?:do not|don't|dont|does not|never|without|must not|should not|shall not|no need to|nothing|nicht|ohne|nichts|kein\w*|ne|sans)\b"
    r"[^.;:!?\n]{0,80}"
)
_CHANGE = re.compile(
    r"(?i)\b(?:(?:re)?writ(?:e|es|ing|ten)|wrote|sav(?:e|es|ing)|creat\w*|mak(?:e|es|ing)|add(?:s|ing|ed)?|append\w*|inser\w*|swap(?:s|ping)?|exchang\w*|(?:ver)?tausch\w*|échang\w*|intercambi\w*|scambi\w*|put(?:s|ting)?|"
    r"updat\w*|edit\w*|chang(?:e|es|ing)|modif\w*|fix(?:es|ing)?|correct(?:s|ing)?|replac\w*|renam\w*|mov(?:e|es|ing)|cop(?:y|ies|ying)|"
    r"delet\w*|remov\w*|clean\w*|clear(?:s|ing)?|drop(?:s|ping)?|purge|prune|dedup\w*|merg\w*|stor(?:e|es|ing)|recording|note (?:(?:that |this |it |them )?down|(?:this|it|them) in(?:to)?|that in(?:to)? (?:your|the|my|our) (?:memory|graph|notes?|list|calendar|database)(?= *(?:[,.;!?]|and\b|$)))|"
    r"log (?:it|them|the)|export\w*|generat\w*|draft\w*|prepar\w*|convert\w*|format\w*|reformat\w*|refactor\w*|sort\w*|organi[sz]\w*|tid(?:y|ies)|"
    r"implement\w*|build\w*|set(?:s|ting)?|mark(?:s|ing)?|assign\w*|clos(?:e|es|ing)|open an?|switch(?:es|ing)?|turn(?:s|ing)?(?: [\w.-]+){0,3} (?:on|off)|toggl\w*|enabl\w*|disabl\w*|unlock\w*|scale [\w.-]+ to|restart\w*|invit(?:e|es|ing)|grant(?:s|ing)?|revok\w*|commit\w*|push\w*|schedul\w*|cancel\w*|fill\w*|"
    r"translat\w*|overwrit\w*|extend\w*|enter\w*|register\w*|remember\w*|forget\w*|eras(?:e|es|ing)|wip(?:e|es|ing)|discard\w*|vergiss|vergess\w*|oubli\w*|olvid\w*|keep|undo|revert\w*|reset\w*|restor\w*|apply|migrat\w*|install\w*|"
    r"schreib\w*|speicher\w*|erstell\w*|anleg\w*|leg\w* .{0,40}\ban\b|änder\w*|lösch\w*|ergänz\w*|hinzu\w*|füg\w*|verschieb\w*|benenn\w*|korrigier\w*|"
    r"trag\w*|écri\w*|enregistr\w*|cré\w*|ajout\w*|modifi\w*|supprim\w*|escrib\w*|guard(?!are\b|iamo\b|ate\b|ians?\b)\w*|crea\w*|añad\w*|agreg\w*|borra\w*|elimin\w*|scriv\w*|salva\w*|merke?|merken|notier\w*|retiens|retenir|retenez|recuerda|recordar|ricorda\w*|lembra\w*|onthoud\w*|"
    r"scale\b[^.;!?\n]{0,60}\bto \d+|give(?! me\b| us\b)(?: [\w.@-]+){1,4} (?:the role|access|rights?|permissions?)|tick(?:s|ing)? (?:it |them |that |this )?off|"
    r"berichtig\w*|mach\w* [^.;!?\n]{0,40}\b(?:an|aus|auf|zu)(?=\s*(?:[.;!,\n]|$))|schalt\w*|stell\w* [^.;!?\n]{0,40}\b(?:um|ein|auf \d+)(?=\s*(?:[.;!,\n]|$))|"
    r"markieren?|markier(?=\s)|abhaken|abzuhaken|hake? [^.;!?\n]{0,40}\bab\b|durchstreichen|streich(?:en|e)?|marque[rz]|coche[rz]|raye[rz]|barre[rz]|(?<!\bla )(?<!\bune )(?<!\bde )(?<!\bcette )(?:marque|coche|raye|barre) (?:le|la|les|ce|cet|cette|ces|comme|tout|toutes)\b|(?:marque|coche|raye|barre)-(?:le|la|les)\b|marcar|márcal\w*|marca (?:como|el|la|los|las|come|il|lo|i|gli|le)\b|tachar|tácha\w*|spunta(?:re)?|"
    r"mets|mettez|mettre|allume\w*|éteins|corrige\w*|remplace\w*|renomme\w*|déplace\w*|pon|poner|cambia\w*|enciende|apaga\w*|añade|corríge\w*|"
    r"jot(?:s|ting)? (?:it |them |this |that )?down|note (?:it|them|this|that) down|umbenennen|umzubenennen|eintragen|einzutragen|ablegen|abzulegen|kopier(?:en?|st|t)?|ersetz(?:en?|t)?|aktualisier(?:en?|t)?|einfügen|einzufügen|aufschreiben|aufzuschreiben|"
    r"copiez|copier|copie(?= (?:le|la|les|ce|cette|ces|tout|toutes)\b)|notez|noter|inscri(?:s|re|vez)|actualise[rz]?|mets-(?:le|la|les)|copiar|mueve|mover|muév\w*|reemplaz(?:a|ar|e)|reemplázal\w*|sustitu(?:ye|ir|ya)|renombr(?:a|ar|e)|renómbral\w*|actualiz(?:a|ar|e)|actualízal\w*|"
    r"anota|anotar|anótal\w*|apunta|apuntar|apúntal\w*|guárd\w*|añád\w*|cámbial\w*|bórral\w*|ponl[oae]s?|copiare|copia(?= (?:il|la|i|gli|le|el|los|las|o|os|as|tutto|tutti)\b)|spostare|spostal\w*|rinominare|sostituire|annotare|annota|segna|segnare|aggiorna|aggiornare|cancella|cancellare|"
    r"mova|renomeie|renomear|anote|gravar|coloque|"
    r"metti|mettere|aggiung\w*|accendi|spegni|sostituisci|rinomina|sposta|muda\w*|altera\w*|adiciona\w*|coloca\w*|substitu\w*|corrij\w*|atualiza\w*|"
    r"zet|verwijder\w*|wijzig\w*|voeg|toevoegen|toe te voegen|bijwerken|opschrijven|afvinken|streep [^.;!?\n]{0,40}\bdoor\b|vervang\w*|hernoem\w*|verplaats\w*|ta bort|lägg till|ändra|spara|skapa|skriv|uppdatera|radera|slet|tilføj|legg til|endre|lagre|opret|opdater|değiştir|sil|ekle|kaydet|oluştur|güncelle|yap(?=[\s.!]*$)|smaž|přidej|změň|ulož|vytvoř|nastav|usuń|dodaj|zmień|zapisz|ustaw|utwórz|popraw|zaktualizuj|przenieś|zapamiętaj|"
    r"удали\w*|добавь\w*|измени\w*|запиши\w*|поставь\w*|создай\w*|сохрани\w*|установи\w*|обнови\w*|исправь\w*|переименуй\w*)\b"
    r"|(?:変更|追加|削除|保存|作成|更新|移動|修正|登録|記録)して(?=ください|下さい|くれ|[、。\s]|$)|(?:書いて|書き込んで|書き換えて)(?=ください|下さい|くれ|[、。\s]|$)"
    r"|(?:^|[\s。\uff0c]|[请把将][^\uff1f?。\uff0c]{0,40}?)(?:修改|添加|删除|保存|创建|写入|更新|移动|替换)(?=[^\u3040-\u309f]{0,40}(?:$|[。\s]))(?![^。]*[\uff1f?吗呢])|(?:추가|삭제|변경|저장|작성|수정|이동)(?:해|하)(?=[ 주라세줘.]|$)"
    r"|(?:^|[.;!:,]\s*|\b(?:and|then|please|now)\s+)(?:pay(?! attention\b)|bezahle?|überweise?|publish|shift|bump|order (?:an?|one|two|three|\d+))\b"
    r"|(?:^|[.;!]\s*)(?:(?!\b(?:what|how|which|whether|who|if|where|when|why|read|tell|find|list|show|say|check|explain|answer|summary|reply|report|text|output|result|it|sentences?|words?|language)\b)"
    r"[^.;!?\n]){2,80}\b(?:should|must|needs? to|has to|ought to) (?:now )?(?:be|read|say|become) (?:on|off|set|enabled|disabled|true|false|called|named|(?:at |to )?\d|[\"'`“])(?![^.!\n]*\?)"
)
"""Orders to change something, and what "should be"; in the languages that are not here a task speaks of no change, which costs a warning."""
_SEND = re.compile(
    r"(?i)\b(?:send\w*|sent|post(?:s|ing)?|upload\w*|(?:e-?)?mail(?:s|ing)?|publish\w*|shar(?:e|es|ing)|repl(?:y|ies|ying)|submit\w*|forward\w*|"
    r"messag\w*|notif\w*|(?:tell|inform\w*|report(?:s|ing)? (?:it |them )?to)(?! me\b| us\b)|push\w*|tweet\w*|comment\w*|transmit\w*|deliver\w*|look\w* up|search\w*|"
    r"translat\w*|schick\w*|send\w*|veröffentlich\w*|lad\w* .{0,40}\bhoch|envoi\w*|envoy\w*|publi\w*|env[ií]\w*)\b"
)
_LOOKS = re.compile(r"(?i)\b(?:look\w* up|search\w*|translat\w*)\b")
"""Of these, what asks somebody something and gives nobody anything."""
_NOUNS = re.compile(
    r"(?i)\b(?:merge|pull)[\s-]requests?\b|\bpush notifications?\b|\b(?:did|does)\s+(?!not\b)[\w-]+\s+\w+"
    r"|\b(?:the|an?|this|that|these|those|my|your|our|his|her|its|their|last|latest|newest|recent|unread|any|each|every|of|which|what|how many|from|in|\d+"
    r"|de[rnms]|die|das|dem|eine?[nrms]?|letzte[nrms]?|neue[nrms]?|welche[nrms]?|les?|la|une?|des|derni\w+|quels?|quelles?|el|los|las|una?|últim\w+|qué)\s+(?:(?!(?:and|or|then|to|und|oder|et|ou|y|o|e)\b)[\w'’-]+\s+)??"
    r"(?:commits?|merges?|push(?:es)?|changes?|edits?|fix(?:es)?|updates?|messages?|e?-?mails?|comments?|posts?|tweets?|repl(?:y|ies)|shares?|builds?|stores?|cop(?:y|ies)|"
    r"records?|sets?|formats?|schedules?|reports?|änderung(?:en)?|messages?|modifications?|cambios?)\b(?!\s+(?:the|an?|my|all|every|each|it|them|to)\b)"
)
"""Words of acting where they are the names of things: the last commit, a merge request, my newest mails."""
_LEFT = (
    r"\b(?:leave|keep|lass\w*|laisse\w*|deja|dejad?|lascia\w*|deixa\w*|laat)\s+\S+\s+(?:(?:exactly |just )?as (?:it is|they are|is)|alone|untouched|unchanged|in ruhe|unverändert|so\b|wie (?:es|er|sie) (?:ist|sind|war)"
    r"|tel\w* quel\w*|comme (?:il|elle) est|intact\w*|como est[áa]n?|com'[èe]|come (?:è|sta)|zoals)"
    r"|\b(?:do not|don't|dont|never|without|nicht|ne|no|non|não)\s+(?:touch|chang|edit|modif|toca|toque|tocc|mexa|cambi)\w*\s+(?:(?:the|pas|à) (?:file |folder )?)?\S+"
    r"|\b(?:except(?: for)?|but not|other than|apart from|save for|au(?:ß|ss)er|ausgenommen|bis auf|aber nicht|sauf|excepté|hormis|mais pas|excepto|salvo|menos|pero no|tranne|eccetto|behalve)"
    r"\s+(?:in\s+)?(?:(?:the|der|die|das|le|la|el) )?(?:file |folder |datei |fichier )?\S*[./]\S*"
)
"""What the words say to leave as it is."""
_SPARED = re.compile(
    rf"(?i){_LEFT}"
    r"|\b(?:do not|don't|dont|never|without|nicht|ne)\s+(?:overwrit|delet|remov|mov|renam)\w*\s+(?:the file\s+)?\S+"
)
_LEFT_ALONE = re.compile(rf"(?i){_LEFT}")
_EVERYWHERE = re.compile(
    r"(?i)\b(?:everywhere|wherever|anywhere|throughout|across|callers?|usages?|call sites|imports?|references|occurrences|"
    r"(?:whole|entire) (?:project|code ?base|repo(?:sitory)?|folder|tree)|code ?base|all (?:the )?(?:other )?files|every file|überall|partout)\b"
)

_GO_ON = re.compile(
    r"(?i)\b(?:go (?:on|ahead)|continue|carry on|proceed|yes|yep|ok|okay|sure|do (?:it|so|that|this|the same|them)|again|once more|the (?:others?|rest|next|same)|too|also|as well"
    r"|weiter|ja|mach|nochmals?|noch einmal|auch|bitte|dasselbe|oui|continue[zr]?|encore|vas-y|aussi|sí|sigue|continúa|otra vez|también|adelante|avanti|anche|sì|ancora|sim|continua|também)\b"
)
_ASKS = re.compile(
    r"(?i)\b(?:read|show|tell|list|look|find|check|summar\w+|what|which|how|who|when|where|why|explain|describe|count|compare|open|search|lies|zeig\w*|sag\w*|schau\w*|such\w*|liste|was|wer|wie|wo"
    r"|fass|lis|lisez|montre\w*|dis|cherche\w*|résume\w*|que|qui|quoi|lee|muestra|di|dime|busca|resume|leggi|mostra|dimmi|cerca|riassumi)\b"
)
"""Words of a task that wants something else than the one before: to be told of something."""
_MOST_OF_ANSWER, _FEW_WORDS = 12, 6


@dataclass(frozen=True, slots=True)
class Mention:
    """A path or pattern that the user's words name, as they write it.

    Attributes:
        text: With forward slashes.
        exact: It was granted as such (`scope`), or stands in the words as a path; else only guessed from words.
    """

    text: str
    exact: bool = True

    @property
    def is_pattern(self) -> bool:
        """Whether it holds a wildcard."""
        return any(sign in self.text for sign in "*?")


@dataclass(frozen=True)
class UserWords:
    """Everything the user's side has said: the tasks of this conversation, the call's `scope` and the entries' own.

    Attributes:
        tasks: Words of the tasks, the newest last.
        scope: What the call and the servers' entries grant: paths, patterns, addresses, `server__tool`, `private:…`.
        chosen: Servers that the call names; None where it takes them all.
    """

    tasks: Sequence[str] = ()
    scope: Sequence[str] = ()
    chosen: frozenset[str] | None = None

    @cached_property
    def text(self) -> str:
        """All tasks in one text."""
        return unicodedata.normalize("NFC", "\n".join(self.tasks))

    @cached_property
    def plain(self) -> bytes:
        """The same by its letters and digits alone."""
        return letters_in(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the tasks, lower-cased, plural endings off as well."""
        found = {word.casefold() for word in _WORD.findall(self.text)}
        return frozenset(found | {stem(word) for word in found})

    @cached_property
    def paths(self) -> tuple[Mention, ...]:
        """Files, folders and patterns that the tasks name, those in `scope` first."""
        granted = (Mention(_slashes(entry)) for entry in self.scope if is_path(entry))
        return tuple(dict.fromkeys((*granted, *map(Mention, _paths_in(self.text)))))

    @cached_property
    def spared(self) -> frozenset[Mention]:
        """Of these the ones that the tasks only name to have them left as they are."""
        kept = frozenset(map(Mention, _paths_in(_SPARED.sub(" ", self.text))))
        return frozenset(self.paths) - kept - frozenset(self.granted_paths)

    @cached_property
    def left(self) -> tuple[Mention, ...]:
        """Of these the ones that the tasks say to leave as they are."""
        said = (found[0].rstrip(".,;:!?") for found in _LEFT_ALONE.finditer(self.text))
        return tuple(mention for each in said for mention in map(Mention, _paths_in(each)) if mention in self.spared)

    @cached_property
    def granted_paths(self) -> tuple[Mention, ...]:
        """The paths in `scope` alone."""
        return tuple(Mention(_slashes(entry)) for entry in self.scope if is_path(entry))

    @cached_property
    def folders(self) -> frozenset[str]:
        """Names that stand beside the word folder or directory."""
        return frozenset(name.casefold() for pair in _FOLDER.findall(self.text) for name in pair if name)

    @cached_property
    def endings(self) -> frozenset[str]:
        """Kinds of files by ending: `*.md`, `.md files`, `markdown files`."""
        told = {name.lower() for pair in _ENDING.findall(self.text) for name in pair if name}
        kinds = {ending for kind in _KIND.findall(self.text) for ending in _KINDS[kind.lower()].split()}
        return frozenset(told | kinds)

    @cached_property
    def hosts(self) -> tuple[Destination, ...]:
        """Hosts and mail addresses that the tasks or `scope` name."""
        granted = [
            address for entry in self.scope if not is_path(entry) for address in addresses.of_value(entry, surely=True)
        ]
        return tuple(dict.fromkeys((*granted, *addresses.in_text(self.text))))

    @cached_property
    def ordering(self) -> Sequence[str]:
        """The tasks whose verbs count: the newest, and those before it as far as it only says to go on.

        What an earlier task named stays named; but that it wanted a change says nothing of a newer one that only asks.
        """
        first = len(self.tasks) - 1
        while first > 0 and _goes_on(self.tasks[first]):
            first -= 1
        return self.tasks[max(first, 0) :]

    @cached_property
    def changes(self) -> bool:
        """Whether the tasks speak of changing something."""
        return any(speaks_of_change(spoken(task)) for task in self.ordering)

    @cached_property
    def sends(self) -> bool:
        """Whether the tasks speak of telling somebody, or of asking a service about something."""
        return any(_SEND.search(spoken(task)) for task in self.ordering)

    @cached_property
    def acts(self) -> bool:
        """Whether the tasks plainly speak of doing something: no noun counts (the last commit), nor what only asks."""
        plain = (_LOOKS.sub(" ", _NOUNS.sub(" ", spoken(task))) for task in self.ordering)
        return any(speaks_of_change(words) or bool(_SEND.search(words)) for words in plain)

    @cached_property
    def everywhere(self) -> bool:
        """Whether the tasks mean places that they do not name."""
        return bool(_EVERYWHERE.search(spoken(self.text)))

    def names_host(self, address: Destination) -> bool:
        """Whether a host or mail address is named."""
        return any(address.within(named) for named in self.hosts)

    def grants_tool(self, qualified: str) -> bool:
        """Whether `scope` grants a tool as such."""
        return bool(self.scope) and any(
            fnmatchcase(qualified, entry) for entry in self.scope if "__" in entry and not is_path(entry)
        )

    def grants_private(self, *targets: str) -> bool:
        """Whether `scope` says that private text may go to one of these."""
        granted = {entry.removeprefix("private:") for entry in self.scope if entry.startswith("private:")}
        keys = {*map(addresses.key_of, granted)}
        return bool(keys) and not keys.isdisjoint(map(addresses.key_of, targets))

    def has_words(self, text: str, *, least: int = 3) -> bool:
        """Whether every word of a name stands in the tasks: `meeting-notes` where they speak of meeting notes."""
        found = [word.casefold() for word in _WORD.findall(split_humps(text))]
        return (
            bool(found)
            and sum(map(len, found)) >= least
            and all(w in self.words or stem(w) in self.words for w in found)
        )

    def names_server(self, server: str) -> bool:
        """Whether the tasks speak of a server by its name; asked at each call, and looked up once."""
        return self._names(server)

    def names_tool(self, tool: str) -> bool:
        """Whether the tasks speak of a tool by its name; asked at each call, and looked up once."""
        return self._names(tool)

    def _names(self, name: str) -> bool:
        if name not in self._named:
            self._named[name] = self.has_words(name)
        return self._named[name]

    @cached_property
    def _named(self) -> dict[str, bool]:
        return {}

    def has_any_word(self, texts: Iterable[str]) -> bool:
        """Whether one of these short values is spoken of."""
        return any(self.has_words(text) or (text.isdecimal() and text in self.words) for text in texts if text)


def _goes_on(task: str) -> bool:
    """Whether a task of a continued conversation only says to go on, or answers a question: "Yes, the others too.", "It is notes.md."."""
    words = _WORD.findall(task)
    if "?" in task or len(words) > _MOST_OF_ANSWER or _ASKS.search(task):
        return False
    return len(words) <= _FEW_WORDS or bool(_GO_ON.search(task))


def spoken(task: str) -> str:
    """A task's words without what it says not to do, and without names: `inbox/mail.txt` and `push.example` ask nobody to send."""
    return _NEGATED.sub(" ", _OF_NAMES.sub(" ", task))


def speaks_of_change(words: str) -> bool:
    """Whether words, see `spoken`, speak of changing something."""
    return bool(_CHANGE.search(words))


def stem(word: str) -> str:
    """A word without the commonest endings of its plural."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ses", "se"), ("es", "e"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: -len(ending)] + instead
    return word


def split_humps(text: str) -> str:
    """`orderItems` as `order Items`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)


def is_path(entry: str) -> bool:
    """Whether an entry of `scope` is meant as a path or pattern of files, and not as a host or a tool."""
    text = entry.strip()
    if not text or text.startswith("private:") or "://" in text or "@" in text:
        return text.startswith("file:")
    if re.match(r"^(?:[/\\~.]|[A-Za-z]:[\\/])", text):
        return True
    if "__" in text and not re.search(r"[\\/.]", text):
        return False
    return bool(re.search(r"[*?]", text)) or not addresses.of_value(text)


def _slashes(path: str) -> str:
    text = unicodedata.normalize("NFC", path.strip())
    if text.startswith("file:"):
        text = re.sub(r"^file:/{0,2}(?=/|[A-Za-z]:)", "", text)
    return text.replace("\\", "/")


def _paths_in(text: str) -> Iterable[str]:
    """Whatever looks like a path, a file's name or a pattern; blanks only within quotation marks."""
    for groups in _QUOTED.findall(text):
        quoted = next(part for part in groups if part).strip()
        if quoted and "://" not in quoted and not quoted.isspace():
            yield from _named(quoted)
    for token in _TOKEN.findall(text):
        bare = token.strip(".,:!?…*_") if not token.startswith((".", "*", "_")) else token.rstrip(".,:!?…")
        if "://" not in bare or bare.startswith("file:"):
            yield from _named(bare, quoted=False)
            if not bare.isascii() and re.search(f"[{_NO_BLANKS}]", bare):
                yield from (path for piece in re.findall(r"[!-~]+", bare) for path in _named(piece, quoted=False))


def _named(text: str, *, quoted: bool = True) -> Iterable[str]:
    path = _slashes(text)
    if path.strip("/.~") == "" or "@" in path:  # the root, the home and `.` as a whole name nothing
        return
    telling = bool(_PATHY.search(path) or _FILE.match(path) or "*" in path)
    if telling or (quoted and re.fullmatch(r"[\w .()+-]{2,80}", path)):
        yield posixpath.normpath(path) if not path.startswith("*") else path
