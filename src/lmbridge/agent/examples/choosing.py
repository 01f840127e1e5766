"""Which worked examples are like a task: by what it orders, and by what the first look found of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from lmbridge.agent.calls.first_look import Seen
from lmbridge.agent.examples import of_files, of_questions, of_records
from lmbridge.agent.examples.form import ExampleForm
from lmbridge.agent.examples.offered import NotOfferedError, Offered
from lmbridge.agent.examples.scenes import Scene
from lmbridge.agent.held.conversions import to_convert
from lmbridge.agent.reading import notes
from lmbridge.agent.reading.names import is_file_name, last_part, paths_in
from lmbridge.agent.reading.tool_names import LISTS, READS, words_of_name
from lmbridge.agent.reading.zones import cities_in
from lmbridge.agent.task.deletions.ordered import NOTHING, Deletion
from lmbridge.agent.task.orders import (
    ends_of,
    into_table,
    lacking_file,
    only_to_know,
    replaces,
    takes_away,
    wants_change,
)
from lmbridge.messages import Message, ToolSpec

MOST_CHARS = 3000
"""Characters of all examples of a task together: two of them, about 700 tokens."""
_COMMITS = re.compile(
    r"\b(?:commit(?:te|ten|test|ta|tare|ter|tez|tear|tea|teá)?|kommit\w*)\b(?!\s+(?:messages?|texts?|msgs?|history|logs?|hash|id|author)\b(?!\s*[:\"'«“„(])|-\w)|\beinchecken\b|\bcheck (?:it|them|this|everything) in\b",
    re.IGNORECASE,
)
"""A commit that is to be made; its message is given behind it where "commit message" stands for that."""
_CLEAN = re.compile(
    r"nothing to commit, working tree clean|nichts zu committen, Arbeitsverzeichnis unverändert|rien à valider, la copie de travail est propre|nada para hacer commit, el árbol de trabajo está limpio"
    r"|non c'è nulla di cui eseguire il commit, l'albero di lavoro è pulito|\"is_?clean\": ?true",
    re.IGNORECASE,
)
"""How a repository says that nothing in it was changed."""
_DONE = re.compile(
    r"\b(?:done|tick\w*|check(?:ed)? (?:\S+ ){0,4}?off|check the box|complet\w*|finished|erledigt|abgehakt|abhak\w*|hak\w*|fertig|coche\w*|fait(?:e|es|s)?|terminée?s?|hech[oa]s?|marca\w*|tacha\w*|terminad[oa]s?|fatt[oaie]"
    r"|spunta\w*|completat[oaie]|feit[oa]s?|concluíd[oa]s?)\b",
    re.IGNORECASE,
)
_THEN_A_BRANCH = re.compile(
    r"\bcommit\w*\b.{0,200}?\b(?:then|afterwards|after that|danach|dann|anschließend|puis|ensuite|luego|después|poi|dopo|depois|em seguida)\b[^.;]{0,80}\b(?:branch|branche|zweig|rama|ramo|ramal)\b",
    re.IGNORECASE | re.DOTALL,
)
_SWITCHES = re.compile(
    r"\b(?:switch\w*|check(?:ed)? (?:it |this |that )?out|checkout|go (?:on ?to|to)|change to|wechs\w*|auschecken|bascule\w*|passe[rz]?|cambia\w*|pasa\w*|passa\w*|mud[ae]\w*)\b",
    re.IGNORECASE,
)
"""A branch that is gone onto."""
_NEW_BRANCH = re.compile(
    r"\b(?:new|create\w*|make|start|open|neue[nrms]?|an(?:zu)?leg\w*|leg\w*|erstell\w*|nouvelle|crée\w*|créer|crea\w*|nueva|nuevo|nuova|nuovo|nova|novo|cri[ae]\w*)\b",
    re.IGNORECASE,
)
"""A branch that is not there yet."""
_BRANCH = re.compile(r"\b(?:branch(?:es)?|branche|zweig|rama|ramo|ramal)\b", re.IGNORECASE)
_COPIES = re.compile(
    r"\b(?:cop(?:y|ies)|duplicat\w*|kopier\w*|kopie|copi\w+|back ?up|backup|sicher\w*|based on|like|same as|wie|comme|como|come)\b|->|=>|→",
    re.IGNORECASE,
)
_WITH = re.compile(r"\b(?:with|but|where|mit|aber|avec|mais|con|pero|ma|com|mas)\b", re.IGNORECASE)
_FOLDERS = re.compile(
    r"\b(?:(?:sub)?folders?|director(?:y|ies)|(?:unter)?ordner\w*|verzeichnis\w*|(?:sous-)?dossiers?|répertoires?|(?:sub)?carpetas?|(?:sotto)?cartell[ae]|pastas?)\b",
    re.IGNORECASE,
)
_MOVES = re.compile(
    r"\b(?:mov(?:e|es|ing)|renam\w*|tidy|sort|archive|verschieb\w*|(?:um)?benenn\w*|umzubenennen|aufräum\w*|d[ée]plac\w*|renomm\w*|range[rz]?|muev\w*|mueve|mover|renombr\w*"
    r"|ordena\w*|spost\w*|rinomin\w*|mova|renome\w*|zieh\w*|belongs? (?:in|to|into)|bring\w*|put (?:\S+ ){1,6}back|take (?:\S+ ){1,6}out|gehör(?:t|en) (?:in|nach)|verplaats\w*|hernoem\w*)\b",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:add\w*|append\w*|insert\w*|put|note|enter\w*|füg\w*|ergänz\w*|hinzu\w*|trag\w*|eintrag\w*|notier\w*|setz\w*|schreib\w*|ajout\w*|mets|met|note[rz]?|añad\w*|agreg\w*|pon\w*|anot\w*|apunt\w*"
    r"|aggiung\w*|mett\w*|segna\w*|adicion\w*|acrescent\w*|coloc\w*|voeg|toevoegen|toe te voegen|zet|lägg|tilføj|legg)\b",
    re.IGNORECASE,
)
_FOR_EACH = re.compile(
    r"\b(?:for (?:each|every)|each of|one (?:file )?per|für jede[nrs]?|je (?:eine|ein|einen)|pour chaque|un fichier par|para cada|por cada|uno? por|per ogni|per ciascun\w*|para cada)\b",
    re.IGNORECASE,
)
_EVERYWHERE = re.compile(
    r"\b(?:everywhere|throughout|all (?:occurrences|places)|each occurrence|every occurrence|twice|both (?:times|places)|(?:two|three|four|several|many) times|überall|jedes mal|zweimal|dreimal|beide(?:n|s)? (?:male|stellen)|partout"
    r"|deux fois|trois fois|en todas partes|en todo el|dos veces|ovunque|dappertutto|due volte|em todo o|em toda parte|duas vezes)\b",
    re.IGNORECASE,
)
_RELATES = re.compile(
    r"\b(?:belongs? to|works? (?:for|at|with)|reports? to|married to|(?:sister|brother|friend|boss|wife|husband|daughter|son|mother|father|colleague|owner) of|'s (?:sister|brother|friend|boss|wife|husband|daughter|son|mother"
    r"|father|colleague)|connect\w*|relat(?:e|ed|ion|ions)|link(?:ed|s)? (?:to|with)|gehört|arbeitet (?:bei|für)|berichtet an|verbind\w*|verheiratet|appartient|travaille (?:chez|pour|avec)|marié\w*|pertenece|trabaja (?:en|para|con)|casad[oa]"
    r"|appartiene|lavora (?:per|da|con)|sposat[oa]|pertence|trabalha (?:em|para|com|na|no))\b",
    re.IGNORECASE,
)
_NEW_TABLE = re.compile(
    r"\b(?:(?:new|create|make)(?: \w+){0,2} tables?|neue tabelle|tabelle [^.!?\n]{0,40}\b(?:an|erstell\w*)|nouvelle table|crée\w* (?:une |la )?table|nueva tabla|crea (?:una |la )?tabla|nuova tabella|crea (?:una |la )?tabella"
    r"|nova tabela|crie (?:uma |a )?tabela)\b",
    re.IGNORECASE,
)
_NEW_ROW = re.compile(
    rf"{_ADDS.pattern}|\b(?:new|register|create|enter|neue[rnms]?|erfass\w*|anleg\w*|leg\w*|nouve(?:au|l|lle)|enregistre\w*|nuev[oa]|registra\w*|nuov[oa]|inseri\w*|nov[oa])\b",
    re.IGNORECASE,
)
_TO_WHAT_IS_THERE = re.compile(
    r"\b(?:to (?:what|those|the ones) we (?:already )?have|to (?:the|our) (?:stock|quantit\w+|amounts?|numbers?|existing)|stock (?:up|by)|more (?:pieces|units)|increase\w*|zum (?:bestand|vorhandenen)|zu den vorhandenen|au stock|al stock"
    r"|a las existencias|alla giacenza|alle scorte|ao estoque)\b",
    re.IGNORECASE,
)
"""Numbers that are added to numbers of rows which are there."""
_TIME = re.compile(
    r"(?<![\d:./-])(?:[01]?\d|2[0-3])[:.h][0-5]\d(?![\d:./-])|\b\d{1,2}\s?(?:[ap]\.?m\b|uhr\b|o'clock)", re.IGNORECASE
)
_TABLES = re.compile(
    r"\b(?:tables?|database|db|rows?|tabellen?|datenbank|zeilen?|base de donn\w+|base de datos|tablas?|filas?|tabell[ae]|banco de dados|tabelas?|sql)\b",
    re.IGNORECASE,
)
_REMEMBERS = re.compile(
    r"\b(?:remember(?!ed)\w*|merk(?:e|en|t)?(?= (?:dir|es|sie|ihn|das|sich)\b)|merken|retiens|retenez|recuerda|recuerde|ricorda(?:ti)?|lembre(?:-se)?)\b",
    re.IGNORECASE,
)
"""Orders to keep something in mind."""
_INTO_GRAPH = re.compile(
    r"\b(?:into|to|onto|in (?:den|die|das)|ins|im|dans|al|en|nel|nella|no|na) (?!what|was|ce|lo|o que)(?:\w+ ){0,2}?(?:graph|memory|wissensgraph|gedächtnis|graphe|mémoire|grafo|memoria|memória)\b"
    r"|\b(?:as|als|comme|como|come) (?:an?|eine?|une|un|una|uma)? ?(?:\w+ )?(?:entity|observation|node|entität|beobachtung|entité|entidad|entità|entidade)\b",
    re.IGNORECASE,
)
"""A graph as the place that something goes to."""
_NAMES = re.compile(r"[^\W\d_][\w'-]{2,}")
_OUTLINE = frozenset({"describe", "schema", "columns"})


@dataclass(slots=True)
class Sight:
    """What the first look found.

    Attributes:
        files: The files that the task names and that are there.
        absent: Those that are not.
        folders: The folders that were listed.
        to_make: Those that are not there.
        pages: The addresses that were read.
        database: Whether there is a database.
        tables: Whether tables of it were described.
        graph: A graph, in lines; None where there is none.
        repository: Whether a repository was looked at.
        texts: What was read.
    """

    files: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    to_make: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    database: bool = False
    tables: bool = False
    graph: str | None = None
    repository: bool = False
    texts: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, seen: Iterable[Seen]) -> Sight:
        """What these calls found."""
        sight = cls()
        for each in seen:
            sight.take(each)
        return sight

    def take(self, seen: Seen) -> None:
        """Takes one call of the look."""
        words = set(words_of_name(seen.call.name))
        place = str(next(iter((seen.result.arguments or {}).values()), ""))
        failed = notes.failed(seen.result)
        self.texts += [] if failed else [seen.result.content]
        if place.startswith(("http://", "https://")):
            self.pages += [] if failed else [place]
        elif words & LISTS and place:
            into = self.folders if not failed else self.to_make if notes.missing(seen.result.content) else []
            into.append(place)
        elif words & READS and is_file_name(last_part(place)):
            lacking = place != last_part(place) and notes.missing(seen.result.content)
            into = self.files if not failed else self.absent if lacking else []
            into.append(place)
        elif not failed:
            self.database = self.database or "tables" in words
            self.tables = self.tables or bool(words & _OUTLINE)
            self.repository = self.repository or bool(words & {"status", "log"} and place)
            self.graph = seen.result.content if "graph" in words else self.graph

    @property
    def sources(self) -> bool:
        """Whether there is something that a new file could be made of."""
        return bool(self.files or self.folders or self.pages or self.tables or self.graph or self.repository)


def alike(
    task: str,
    seen: Sequence[Seen],
    specs: Sequence[ToolSpec],
    form: ExampleForm,
    *,
    most_chars: int = MOST_CHARS,
    alone: bool = False,
    gone: Deletion = NOTHING,
) -> tuple[Message, ...]:
    """Worked examples like a task, as messages; none where nothing was found that tells what it is like.

    Args:
        task: What the caller asked for.
        seen: The calls of the first look.
        specs: The tools that the model is offered.
        form: What replies look like.
        most_chars: Characters that they may have together.
        alone: They stand in the place of those that are the same for every run, of which some end with something found.
        gone: What the task orders to be deleted, where no tool of the run deletes files.
    """
    words = ends_of(task)
    sight = Sight.of(seen)
    lacking = lacking_file(words)
    if sight.folders and lacking and not any(lacking in text for text in sight.texts):
        sight.absent.append(lacking)
    to_make = bool(sight.absent or sight.to_make) and not only_to_know(
        words
    )  # "/labels/ida.txt: name and street of Ida"
    changes = to_make or wants_change(words)
    scenes = list(_of_changes(words, sight) if changes else _of_questions(words, sight))
    if gone.places:
        scenes = [of_files.not_deleted, *([] if gone.alone else scenes)]
    if alone and scenes == [of_questions.told_nowhere]:
        scenes.insert(0, of_questions.told_there)
    tools = Offered(specs)
    told: list[Message] = []
    left = min(most_chars, MOST_CHARS)
    for scene in dict.fromkeys(scenes):
        with suppress(NotOfferedError):
            messages = scene(form, tools)
            if (chars := sum(len(message.content) for message in messages)) <= left:
                told += messages
                left -= chars
    return tuple(told)


def _of_questions(words: str, sight: Sight) -> Iterator[Scene]:
    """The examples that are like a question: one alone, since who asks is answered from what was read."""
    if to_convert(words, sight.texts):
        yield of_questions.at_another_place
    elif sight.repository:
        yield of_questions.in_the_history
    elif len(sight.files) + len(sight.pages) + len(sight.folders) > 1:
        yield of_questions.only_in_one
    elif sight.folders:
        yield of_questions.in_some_files
    elif sight.files or sight.pages or sight.graph:
        yield of_questions.told_nowhere
    elif sight.absent or sight.to_make:
        yield of_questions.not_there
    elif not (sight.database or sight.tables or paths_in(words)):
        yield of_questions.without_tools


def _of_changes(words: str, sight: Sight) -> Iterator[Scene]:
    """The examples that are like a change, what is most like it first."""
    if sight.repository and _COMMITS.search(words):
        yield _of_commit(words, sight)
    elif sight.repository and all(each.search(words) for each in (_BRANCH, _NEW_BRANCH, _SWITCHES)):
        yield of_records.branch_made
    elif sight.to_make and _FOLDERS.search(words) and not _MOVES.search(words):
        yield of_files.made
    elif sight.absent:
        yield _of_new_file(words, sight)
    elif sight.database and _NEW_TABLE.search(words):
        yield of_records.table_made
    else:
        yield from _of_what_is_there(words, sight)


def _of_what_is_there(words: str, sight: Sight) -> Iterator[Scene]:
    """The examples of a change in a table, in files, or in a graph."""
    about_rows = sight.tables and not _into_graph(words, sight) and (_TABLES.search(words) or not sight.files)
    rows = _of_rows(words, sight) if about_rows else None
    if rows:
        yield rows
    if rows in {None, of_records.rows_changed} and (sight.files or sight.folders):
        yield _of_files(words, sight)
    if rows is None and sight.graph is not None:
        yield _of_graph(words, sight.graph)


def _into_graph(words: str, sight: Sight) -> bool:
    """Whether what is ordered goes into a graph, wherever it comes from; a question in front of the order says only that."""
    order = re.split(r"[?\u061f\uff1f]", words.rstrip("?\u061f\uff1f \n"))[-1]
    if sight.graph is None or into_table(order):
        return False
    return bool(_REMEMBERS.search(order) or _INTO_GRAPH.search(order))


def _of_commit(words: str, sight: Sight) -> Scene:
    if any(map(_CLEAN.search, sight.texts)):
        return of_records.nothing_to_commit
    if not _BRANCH.search(words):
        return of_records.committed
    return of_records.committed_then_branched if _THEN_A_BRANCH.search(words) else of_records.committed_on_branch


def _of_files(words: str, sight: Sight) -> Scene:
    if _FOR_EACH.search(words):
        return of_files.made_for_each
    if not sight.files:
        return of_files.moved if _MOVES.search(words) else of_files.edited
    if _EVERYWHERE.search(words):
        return of_files.replaced_everywhere
    if any("[ ]" in text for text in sight.texts) and _DONE.search(words):
        return of_files.ticked
    if _TIME.search(words) and len(cities_in("\n".join([words, *sight.texts]))) > 1:
        return of_files.added_in_our_time
    return of_files.added if _ADDS.search(words) else of_files.edited


def _of_new_file(words: str, sight: Sight) -> Scene:
    if sight.files and _COPIES.search(words):
        return _of_copy(words, sight.files)
    if _TIME.search(words) and len(set(cities_in(words).values())) > 1:
        return of_files.converted_into_file
    if lacking_file(words) in sight.absent:
        return of_files.noted
    return of_files.collected if sight.sources else of_files.noted


def _of_copy(words: str, files: Sequence[str]) -> Scene:
    """By whether the copy or the file itself is to be another one."""
    named = [re.escape(last_part(file)) for file in files]
    if any(len(re.findall(rf"(?<![\w.-]){name}(?!\.?[\w/-])", words)) > 1 for name in named):
        return of_files.copied_then_changed
    return of_files.copied_with_a_change if _WITH.search(words) else of_files.copied


def _of_rows(words: str, sight: Sight) -> Scene:
    """By whether rows go, come from elsewhere, or become others."""
    if takes_away(words):
        return of_records.rows_deleted
    if not _NEW_ROW.search(words) or _TO_WHAT_IS_THERE.search(words):
        return of_records.rows_changed
    return of_records.rows_added if sight.files or sight.pages else of_records.row_added


def _of_graph(words: str, graph: str) -> Scene:
    """By whether the graph knows a name of the task, and whether something of it is to go."""
    names = {name.casefold() for name in _NAMES.findall(words) if name[0].isupper()}
    known = any(name in graph.casefold() for name in names - {"memory", "remember"})
    if _RELATES.search(words) and not replaces(words):
        return of_records.related_in_graph
    if known and takes_away(words) and not replaces(words):
        return of_records.forgotten
    if not known:
        return of_records.new_in_graph
    return of_records.replaced_in_graph if replaces(words) else of_records.added_to_graph
