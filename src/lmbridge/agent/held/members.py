"""Those that a graph links to the one group which a task asks about, held against an answer that names none or only some of them. Pure.

"Quais s\u00e3o as pessoas que cantam nesse naipe?": a 1.5B that was shown three lines `\u2026 canta nos sopranos` answered that the sopranos are part of
the choir.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lmbridge.agent.held.alike import MANY
from lmbridge.agent.held.told_things import (
    LONGEST,
    SMALL,
    Graph,
    Words,
    folded,
    is_portuguese,
    may_be_named,
    named_in,
    read,
    same,
    says_not,
    told_elsewhere,
    words_of,
)
from lmbridge.agent.reading.ends import end_asked
from lmbridge.agent.reading.names import MOST_LISTED_IN, excepts, sentences
from lmbridge.text import quoted

_FEWEST, _MOST = 2, 12
"""Members of a group; an answer can quote no more lines."""
_SHORT, _PLAIN = 3, 4
"""Letters of a word that may be part of a predicate, and of one that is enough to name it."""
_OF_MEMBERS = (
    r"members?|people|persons|names|belong\w*|list|mitglied\w*|leute|personen|namen|geh\u00f6r\w*|liste|membres?|gens|personnes|noms|appartien\w*|miembros?|gente|personas|nombres"
    r"|pertenec\w*|lista|membri|persone|nomi|appartengono|elenco|membros?|pessoas|nomes|pertence\w*"
)
_MEMBERS = re.compile(rf"\b(?:{_OF_MEMBERS})\b", re.IGNORECASE)
_WHO = re.compile(
    rf"\b(?:who(?:m|se)?|which|wer|wen|welche[nr]?|qui|quel(?:le)?s?|lesquel(?:le)?s|qui[e\u00e9]n(?:es)?|cu[a\u00e1]les|chi|quali|quem|quais|{_OF_MEMBERS})\b",
    re.IGNORECASE,
)
"""Words of six languages that ask for people, or for things of a kind."""
_WHO_ARE = re.compile(
    r"\b(?:who(?: all)? (?:are|is (?:in|at|on|part of))|who['\u2019]s (?:in|at|on)|wer (?:sind|(?:ist|sind)(?: alles?)? (?:in|bei|beim|im))|qui (?:sont|est (?:dans|chez|au))|qui[e\u00e9]n(?:es)? (?:son|est[a\u00e1]n?)"
    r"|chi (?:sono|c['\u2019]\u00e8 (?:nel|tra|fra))|quem (?:s\u00e3o|est\u00e1(?:o)?|faz(?:em)? parte))\b",
    re.IGNORECASE,
)
_ONE_ONLY = re.compile(
    r"\b(?:some(?:body|one)|any(?:body|one)|which one|one (?:who|that)|(?:an?|one) (?:\w+ )?(?:person|member|man|woman|name)|one of|jemand\w*|irgend\w*|einen?,|eine?[mnr]? (?:der|von|davon|person|namen?|mitglied)"
    r"|quelqu['\u2019]un\w*|une? (?:des|de|personne|membre|nom|seule?)|alguien|alg\u00fan\w*|alguna?|(?:uno?|una) (?:de|persona|miembro|nombre|sol[oa])|qualcun\w*|un[ao]? (?:dei|degli|delle|di|persona|membro|nome|sol[oa])"
    r"|algu\u00e9m|algum\w*|uma? (?:dos|das|de|pessoa|membro|nome|s\u00f3)|whether|ob)\b",
    re.IGNORECASE,
)
"""Words of a task that wants one of several, or to know whether there is any."""
_ASKS_ELSE = re.compile(
    r"\b(?:how|when|where|why|count|number of|wann|wo|wohin|wie(?! hei\u00dfen)|warum|wieviel\w*|anzahl|quand|o\u00f9|comment(?! s['\u2019]appellent)|combien|pourquoi|cu[a\u00e1]ndo|d[o\u00f3]nde|c[o\u00f3]mo(?! se (?:llaman|chamam))"
    r"|cu[a\u00e1]nt[oa]s?|por qu\u00e9|quando|dove|quant[oiea]s?|perch\u00e9|onde|ou|or|oder"
    r"|what(?! (?:members|are (?:all )?the names)\b)|was|o que|qu['\u2019]est-ce|que (?:font|fait|disent|dit)|cosa|qu\u00e9(?! (?:personas|gente|miembros|nombres)\b))\b",
    re.IGNORECASE,
)
"""Words of a task that asks for something else, too, or lets choose."""
_PLAIN_WORDS_LISTED = (
    "about according again also answer are asked belong bitte bonjour buenas buenos can could dans das dass dein deine deinem della delle dem den der desde dieser dies diese diesem "
    "dime dimmi does donne erinnerung esse essa este esta esto estos estas favor fichier file files find from gedachtnis give graph grafo graphe hallo have hello here indica know knowledge "
    "konntest kannst lies list lista liste elenco look mach memoire memoria memory merci name named names namen need nenn nenne nesse nessa neste nesta noms nombres nomes nomi nous notes "
    "obrigado obrigada only apenas solo nur seulement please podes pode podrias puedes peux pourrais puoi potresti poderia sabe sabes sag schau segun selon show sind sont sono stand steht "
    "stehen tell thank thanks that their them there these they this those todas todos toda todo toute tutte tutti tous toutes alle alles every everyone everybody used veux want wanted "
    "welche welchen were what which whom whose will wissen with would your deren unserem unserer unseren unser unsere notre nossa nosso nossos nostra nostro nuestra nuestro quais quali quels "
    "quelles quien quienes cuales quem personne personnes personas pessoas people person persons persone leute personen gente gens miembros members mitglieder membri membres membros tens tienes hast "
    "dois doit ayez avez tienen secondo segundo laut gemass sowie mich mir dich ihnen ihre meinem meinen meiner into ansehen sehen voir vedere mostra montre muestra zeig zeige elles eles elas "
    "ellos ellas loro estao esteja sont soient being been danke grazie gracias eine einen auflisten aufzahlen listen remember remembers recall known stored noted saved erinnerst kennst weisst merken gemerkt gespeichert bekannt souviens rappelles connais connus recuerdas "
    "conoces conocidos ricordi conosci lembras lembra conheces conhecidas heissen heisst called appellent appelle llaman llama chiamano chiama chamam chama"
)
_PLAIN_WORDS = frozenset(_PLAIN_WORDS_LISTED.split())
"""Words that choose nothing among those that are asked for."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Things of which the same is told.

    Attributes:
        name: What they are linked to, or what is told of each.
        predicate: The words by which they are linked; empty of what is told of each.
        lines: The lines by the things.
    """

    name: str
    predicate: tuple[str, ...]
    lines: dict[str, str] = field(default_factory=dict)

    def said(self) -> str:
        """What is told of each, in words."""
        return " ".join([*self.predicate, self.name])


def members_left_out(said: str, task: str, text: str, others: Sequence[str] = ()) -> tuple[str, str] | None:
    """What speaks against an answer that names none or some of those whom a task asks for, for the model and for the caller; else None.

    Nothing is said where the task asks for one of them, for how many, for an end, for anything beside it or by a further trait, denies or excepts anything,
    or names one of them; where the answer denies anything; and where another result tells more of them.

    Args:
        said: The answer.
        task: What was asked.
        text: A result: a graph in lines.
        others: The other results.
    """
    if len(said) > LONGEST or not _asks_for_members(task) or says_not(said, task):
        return None
    told = read(text)
    named = named_in(task, told.things)
    group = _asked(task, told) if any(thing.kind for thing in told.things.values()) else None
    if group is None or any(name in named for name in group.lines):
        return None
    if _may_choose(told, group, named):
        return None
    spoken = set(words_of(said))
    missing = [name for name in group.lines if not may_be_named(name, spoken)]
    if not missing or not _is_less(said, task, told, group, missing):
        return None
    if told.speaks_of(group.lines) or told_elsewhere([group.name, *group.lines], text, others):
        return None
    lines = "; ".join(map(repr, dict.fromkeys(group.lines.values())))
    whom = ", ".join(missing)
    return (
        f"There it says: {lines}. Name all of these.",
        f"The answer does not name all of which a result says {quoted(group.said())}; it lacks {quoted(whom)}.",
    )


def _asks_for_members(task: str) -> bool:
    """Whether a task asks who or which they are, all of them, and for nothing else."""
    if len(task) > MOST_LISTED_IN or not _WHO.search(task) or end_asked(task) or excepts(task) or says_not(task, task):
        return False
    numbered = re.sub(r"(?i)\bdos\b", " ", task) if is_portuguese(task) else task  # "of the" there, "two" in Spanish
    return not (_ONE_ONLY.search(task) or _ASKS_ELSE.search(task) or MANY.search(numbered))


def _asked(task: str, told: Graph) -> _Group | None:
    """The one group that a task names: by its predicate, too, or by asking for members; None where that is not plain."""
    words = Words(task)
    groups = [group for group in _groups(told, words) if _FEWEST <= len(group.lines) <= _MOST]
    spoken = [group for group in groups if _is_spoken(group, words)]
    asks = _MEMBERS.search(task) or (_WHO_ARE.search(task) and not any(_further(task, told, each) for each in groups))
    found = spoken or (groups if asks else [])
    if len(found) != 1:
        return None
    predicate = list(map(folded, found[0].predicate))
    back = any(
        each.start == found[0].name and words_of(each.rest)[: len(predicate)] == predicate for each in told.relations
    )
    return None if back else found[0]  # "Tom knows Lena" and "Ina knows Tom": which of them is asked for is not plain


def _groups(told: Graph, words: Words) -> list[_Group]:
    """The groups that a task names: what several things are linked to in the same words, or what is told of each."""
    found: dict[tuple[str, ...], _Group] = {}
    for each in told.relations:
        *before, last = each.rest.split()
        name = each.end or last
        predicate = tuple(each.rest[: -len(name)].split()) if each.end else tuple(before)
        own = [word for word in words_of(name) if len(word) >= _SHORT]
        if own and words.has(own) and (each.end or len(last) >= _PLAIN):
            group = found.setdefault((name, *predicate), _Group(name, predicate))
            if each.end or _is_spoken(group, words):
                group.lines.setdefault(each.start, each.line)
    for thing in told.things.values():
        for part in thing.parts:
            own = [word for word in words_of(part) if len(word) >= _SHORT and word not in SMALL]
            if words.has(own) and any(len(word) >= _PLAIN for word in own):
                found.setdefault(("", *words_of(part)), _Group(part, ())).lines.setdefault(thing.name, thing.line)
    return list(found.values())


def _is_spoken(group: _Group, words: Words) -> bool:
    """Whether a task has a word of what links those of a group to it; what is told of each stands there whole."""
    return not group.predicate or any(
        len(word) >= _PLAIN and words.places(word) for word in map(folded, group.predicate)
    )


def _may_choose(told: Graph, group: _Group, named: Sequence[str]) -> bool:
    """Whether a task names something else that a line links one of a group to."""
    beside = {name for name in named if name != group.name}
    links = ((each.start, each.end) for each in told.relations)
    return any(
        (start in group.lines and end in beside) or (end in group.lines and start in beside) for start, end in links
    )


def _is_less(said: str, task: str, told: Graph, group: _Group, missing: Sequence[str]) -> bool:
    """Whether an answer that leaves some out says less than was asked: it names none of them and nobody in their place, or some, and nothing chooses."""
    further = _further(task, told, group)
    if len(missing) < len(group.lines):
        return not further and not _tells_apart(task, told, group)
    beside = [name for name in named_in(said, told.things) if name != group.name]
    linked = {each.start for each in told.relations if each.end == group.name}
    linked |= {each.end for each in told.relations if each.start == group.name}
    return not beside or not (further or linked & set(beside))


def _further(task: str, told: Graph, group: _Group) -> list[str]:
    """The words of what a task asks that neither name the group nor are common to all questions."""
    kinds = [told.things[name].kind for name in (group.name, *group.lines) if name in told.things]
    about = told.things[group.name].parts if group.name in told.things else ()
    own = set(words_of(" ".join([group.said(), *kinds, *about]))) | _PLAIN_WORDS
    asking = " ".join(each for each in sentences(task) if _WHO.search(each))
    return [word for word in _long(asking) if word not in own and not any(same(word, each) for each in own)]


def _tells_apart(task: str, told: Graph, group: _Group) -> bool:
    """Whether a task has a word of what is told of one of a group beside that it is of it."""
    own = words_of(group.said())
    lines = [
        each.rest for each in told.relations if each.start in group.lines and each.line not in group.lines.values()
    ]
    lines += [part for name in group.lines for part in told.things[name].parts if part != group.name]
    held = Words(" ".join(lines))
    return any(
        held.places(word)
        for word in _long(task)
        if word not in _PLAIN_WORDS and not any(same(word, each) for each in own)
    )


def _long(text: str) -> Iterable[str]:
    return (word for word in words_of(text) if len(word) >= _PLAIN)
