"""What a text claims to have done: plain statements of a finished act, and the few words that say it in any language. Pure.

Plain are those in the first person or the passive, with the files and names they are about. "Saved.", "File created", "Wurde gespeichert"
say the same of what others did, so they count only where the task asks for a change. Where a whole answer is
that short, its form tells in any language: it holds nothing that a result says, so it can only mean "done".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lmbridge.agent.reading.names import sentences

_PARTICIPLES = (
    r"(?:created|written|saved|stored|updated|deleted|removed|renamed|moved|copied|added|appended|inserted|edited|modified|replaced|overwritten|changed"
    r"|fixed|corrected|closed|reopened|resolved|merged|published|shared|forwarded|delivered|assigned|archived|booked|submitted|notified|e-?mailed|mailed|messaged"
    r"|transferred|deployed|applied|recorded|set|cleared|uploaded|sent|posted|committed|pushed|scheduled|made|entered|registered|cancelled|canceled)"
)
_DONE_TO = (
    r"(?:told|informed|invited|reminded|paid|refunded|ordered|shipped|ticked|crossed (?:off|out)|marked|enabled|disabled|switched (?:on|off)|turned (?:on|off)"
    r"|reset|restored|reverted|undone|approved|rejected|declined|confirmed|reserved|restarted|stopped|tagged|labell?ed|locked|unlocked|blocked)"
)
"""What only the passive claims: "Ana paid" tells what Ana did."""
_SUBJECT = r"(?:(?:the|your|all|this|that|a|an|both|each|every|its) )?(?:[\w./`'\"*-]+ ){1,5}"
_OPENING = (
    r"^\W*(?:(?:done|ok|okay|all set|all done|success|completed?|finished|sure|great|perfect|task complete)\b\W+)*"
)
_ENGLISH = re.compile(
    rf"{_OPENING}(?:(?:successfully|now|all) )*{_PARTICIPLES}\b(?!\s*(?:files|entries|rows|items|on|at|since|:))"
    rf"|{_OPENING}{_SUBJECT}(?:is|are|was|were|got|gets|has been|have been) (?:(?:now|successfully|just|also|all|already) )*(?:{_PARTICIPLES}|{_DONE_TO})\b"
    rf"|{_OPENING}{_SUBJECT}(?:(?:now|successfully) )?{_PARTICIPLES}(?= successfully| accordingly| as \w| to | in | with | under |\s*[.!,;:]|\s*$)"
    r"|\b(?:is|are) (?:now |already )?on (?:its|their|the) way\b"
    r"|\bI(?:'ve| have)? (?:took|taken|dealt|handled|sorted|seen)(?: care of| with| out| to)? (?!a look)(?:it|this|that|them|the |your |order|\d)"
    r"|\b(?:now |already )?knows? (?:now |already )?(?:about|that|of)\b"
    r"|\b(?:consider|count) (?:it|this|that|them) (?:gone|done|deleted|removed|sent|fixed|changed|added|saved|set|handled|settled|taken care of)\b"
    r"|\b(?:has|have) (?:since|meanwhile|just|now|already) been (?:put|moved|set|taken|brought|given|turned|written|placed|added|\w+ed)\b"
    r"|\b\w+ (?:now )?(?:has|have) (?:it|this|that|them|the \w+|your \w+)(?: (?:in|on) (?:her|his|its|their|the) [\w-]+)? (?:now|already)\b"
    r"|\bnow (?:contains?|holds?|has|says?|reads?|includes?|exists?|stands?)\b|\bis now (?:in place|there|gone|up to date)\b"
    r"|\b(?:it|that|this|the (?:change|task|job|file|edit|update)\w*) (?:is|are|has been|was) (?:all )?(?:done|complete[d]?|finished|made)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?i)\b(?:gespeichert|geschrieben|erstellt|angelegt|gelöscht|aktualisiert|geändert|hinzugefügt|entfernt|umbenannt|verschoben|kopiert|gesendet"
    r"|eingetragen|ergänzt|korrigiert|abgelegt|benachrichtigt|informiert|eingeladen|bezahlt|überwiesen|gebucht|bestellt|verschickt|versendet|versandt|beantwortet|abgesagt"
    r"|storniert|reserviert|freigegeben|veröffentlicht|hochgeladen|umgestellt|zurückgesetzt|eingeschaltet|ausgeschaltet|abgeschaltet|aktiviert|deaktiviert|erledigt"
    r"|payée?s?|réservée?s?|annulée?s?|confirmée?s?|informée?s?|prévenue?s?|publiée?s?|partagée?s?|transférée?s?|remplacée?s?"
    r"|avisad[oa]s?|notificad[oa]s?|informad[oa]s?|pagad[oa]s?|reservad[oa]s?|cancelad[oa]s?|confirmad[oa]s?|publicad[oa]s?|compartid[oa]s?|cambiad[oa]s?|marcad[oa]s?"
    r"|enregistrée?s?|écrite?s?|créée?s?|supprimée?s?|modifiée?s?|ajoutée?s?|mise?s? à jour|envoyée?s?|renommée?s?|déplacée?s?|copiée?s?"
    r"|guardad[oa]s?|escrit[oa]s?|cread[oa]s?|eliminad[oa]s?|borrad[oa]s?|actualizad[oa]s?|modificad[oa]s?|añadid[oa]s?|agregad[oa]s?|enviad[oa]s?|movid[oa]s?"
    r"|salvat[oaie]|scritt[oaie]|creat[oaie]|eliminat[oaie]|aggiornat[oaie]|modificat[oaie]|aggiunt[oaie]|inviat[oaie]|spostat[oaie]|rinominat[oaie]"
    r"|salv[oa]s?|gravad[oa]s?|criad[oa]s?|excluíd[oa]s?|atualizad[oa]s?|adicionad[oa]s?"
    r"|(?:foi|foram|está|estão) (?:agora |já )?\w+(?:ad|id)[oa]s?|ha sido \w+|han sido \w+|è stat[oa] \w+|sono stat[ie] \w+|(?:zostało|została|został|zostały|zostali) \w+"
    r"|har (?:\w+ts|blivit \w+)(?: bort| till)?|er (?:blevet|blitt) \w+|\w+(?:[\u0131iuü]ld[\u0131iuü]|nd[\u0131iuü]|edildi)|byl[aoyi]? \w+[nt][aoyi]?"
    r"|opgeslagen|geschreven|aangemaakt|verwijderd|bijgewerkt|gewijzigd|toegevoegd|hernoemd|verplaatst|zapisan[oya]|utworzon[oya]|usunięt[oya])\b"
    r"|(?:сохран|созда|удал|обновл|обнови|измен|добавл|добави|запис|отправ|переимен|перемещ)\w*"
    r"|已(?:经)?(?:成功)?(?:保存|写入|创建|删除|更新|修改|添加|移动|重命名|发送|完成)|(?:保存|作成|削除|更新|変更|追加|送信|移動|記録)(?:しました|されました|済み|完了)"
    r"|(?:저장|작성|생성|삭제|수정|추가|이동|전송)(?:했|되었|됐|하였)"
)
_DENIED_ELSEWHERE = re.compile(
    r"(?i)\b(?:nicht|kein\w*|nie|niemand|konnte|kann|ohne|pas|aucun\w*|jamais|impossible|non|nunca|ningun\w*|sin|não|nao|nenhum\w*|niet|geen|nie|brak)\b|\b(?:не|нет)\b"
    r"|没|未|无法|不能|ない|ません|できま|못|않|없"
)
_BARE = re.compile(
    r"(?i)\W*(?:(?:all |it'?s |task |the task is |successfully )?(?:done|completed?|finished)|all set|erledigt|fertig|fait|terminé|hecho|listo|fatto|feito|pronto"
    r"|klaar|gotowe|готово|сделано|完成(?:了)?|完了(?:しました)?|완료)\W*"
)
_NOW = re.compile(
    r"(?i)\b(?:now|from now on|jetzt|nun|neu|maintenant|désormais|dorénavant|ahora|ora|adesso|d'ora in poi|agora|nu|teraz|теперь|şimdi)\b|现在|今は"
)
"""Words of a sentence that tells what something has become."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST_NEWS = 160
"""Characters of an answer that says "Done." and what it was; a longer one, or one with a colon, gives what was asked for."""
_GONE = re.compile(
    r"(?i)\bthere (?:are|is) no [\w ]{1,40}\b(?:left|any ?more)\b|\b(?:is|are) no longer (?:there|in|on|listed|part)\b|\bno longer (?:exists?|appears?|contains?)\b"
    r"|\b(?:is|are)(?: not|n't) there any ?more\b|\bgibt es nicht mehr\b|\bnicht mehr (?:da|vorhanden|enthalten|aufgeführt)\b"
    r"|\bya no (?:figuran?|est[áa]n?|existen?|aparecen?|hay)\b|\bn['’](?:existent?|est|y a|apparaî\w+)\b(?: \w+)? ?plus\b|\bne (?:figurent?|contien\w+) plus\b"
)
"""Sentences that say by a "no" that something was removed."""
_TICKED = re.compile(r"^\W*(?:[✅✔☑]\ufe0f?|\[[xX]\])[^\n]{0,80}(?:→|->|=>|➜)")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST_WORDS = 10
_LONGEST_CHARS = 90
_QUESTION = re.compile("[?\uff1f\u00bf]")
_WRITES = (
    r"(?:created|written|wrote|saved|stored|updated|deleted|removed|renamed|moved(?! on)|copied|added(?! (?:up|them|the numbers|all numbers))|appended|inserted|edited"
    r"|modified|replaced|overwrote|overwritten|uploaded|sent|posted|committed|pushed|scheduled)"
)
_READS = r"(?:read|opened|checked|looked at|listed|found|fetched|retrieved|searched)"
_DONE = (
    r"\bI(?:'ve| have)? (?:just |now |also |successfully |already )*{verbs}\b"
    r"|\b(?:has|have) been (?:just |now |also |successfully |already )*{verbs}\b"
    r"|\bsuccessfully {verbs}\b"
)
_WRITE_CLAIM = re.compile(_DONE.format(verbs=_WRITES), re.IGNORECASE)
_READ_CLAIM = re.compile(_DONE.format(verbs=_READS), re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|never|no|unable|failed|fails|cannot|without|nothing|could|would|should|can|will|may|might|must|if|when"
    r"|unless|before|until|tried|unknown|whether|error)\b|n't\b|\?",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:by|last|originally|previously|ago|yesterday|according|says|said|shows|states|reads|tells|mentions|found that|saw that|see that|noticed|since(?! been\b)|in \d{4})\b",
    re.IGNORECASE,
)
"""A sentence about what others did, or what a text says of it."""
_HOW = re.compile(
    r"\W*(?:run|use|type|execute|press|click|enter|call|simply|just|you (?:can|may)|to \w+)\b", re.IGNORECASE
)
"""A sentence that tells how something is done."""
_STATE = re.compile(
    r"(?i)\b(?:is|are|has|have|now|been|reads?|says?|shows?|stands? (?:at|on)|set to|to be)\s+(?:now\s+|already\s+|been\s+)?[\"'`“*]*([^\W\d_]{3,})[\"'`”*]*\s*(?:now\b\W*|[.!,;:)]|$)"
)
_LEFT = re.compile(
    r"(?i)\b(?:refused|denied|declined|rejected|left out|skipped|needs? (?:your |the user's )?(?:approval|permission)|not allowed|held back)\b"
)
_NAME = re.compile(
    r"`([^`\n]{2,200})`|\"([^\"\n]{2,200})\"|(?<![\w/.])((?:[\w.~-]*/)*[\w-]+\.[a-zA-Z]\w{0,5})(?![\w/])"
)
_FENCED = re.compile(r"```.*?(?:```|$)", re.DOTALL)
_LONGEST_SHOWN = 120
_LONGEST_READ = 20_000
"""Characters of an answer that are looked through for claims."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says something was done; `names`: files and quoted names in it, in lower case."""

    text: str
    names: tuple[str, ...]
    writing: bool


def claims_in(text: str, *, reading: bool = False, asked: bool = False) -> list[Claim]:
    """The claims in an answer: of writing, and where asked of reading as well. Code blocks claim nothing.

    Args:
        text: The answer.
        reading: Whether claims of having read count too.
        asked: Whether a change was asked for, so that the shortest words mean one.
    """
    found = []
    for sentence in spoken_sentences(text.replace("\u2019", "'")):
        plainly = bool(_WRITE_CLAIM.search(sentence))
        writing = plainly or (asked and says_done(sentence))
        if not writing and not (reading and _READ_CLAIM.search(sentence)):
            continue
        if not plainly and tells_how(sentence):
            continue
        words = _GONE.sub(" ", _NAME.sub(" ", sentence))
        if _DENIED.search(words) or (writing and _REPORTED.search(words)):
            continue
        if writing and not plainly and _DENIED_ELSEWHERE.search(words):
            continue
        found.append(Claim(shown(sentence), names_in(sentence), writing))
    return found


def names_in(text: str) -> tuple[str, ...]:
    """Names that a text gives in code marks or quotation marks, and words that look like a file's path."""
    found = (next(part for part in match if part) for match in _NAME.findall(text))
    return tuple(dict.fromkeys(name.strip().rstrip(".").lower() for name in found))


def spoken_sentences(text: str) -> list[str]:
    """The sentences of an answer, its code blocks left out."""
    return sentences(_FENCED.sub(" ", text)[:_LONGEST_READ])


def shown(sentence: str) -> str:
    """A sentence as it is quoted in a warning."""
    return " ".join(sentence.split()).strip(" -*>")[:_LONGEST_SHOWN]


def denied(text: str) -> bool:
    """Whether a text says of anything that it is not so, in one of many languages, or asks or supposes it."""
    return bool(_DENIED.search(text) or _DENIED_ELSEWHERE.search(text))


def tells_how(text: str) -> bool:
    """Whether a text begins as one that tells how something is done."""
    return bool(_HOW.match(text))


def says_left_out(text: str) -> bool:
    """Whether a text says that something was not allowed, or left undone."""
    return bool(_LEFT.search(text))


def state_told(sentence: str) -> str:
    """The word for what something is now, folded: `shipped` of "Order 17 is shipped."; empty where a sentence tells none."""
    found = _STATE.search(sentence)
    return found[1].casefold() if found else ""


def says_done(sentence: str) -> bool:
    """Whether a sentence says in few words that a change was made, where a change was asked for."""
    return any(form.search(sentence) for form in (_ENGLISH, _OTHERS, _GONE, _TICKED))


def says_only_done(answer: str) -> bool:
    """Whether a whole answer is the one word for it, whatever was asked for."""
    return bool(_BARE.fullmatch(answer.strip()))


def begins_done(answer: str) -> bool:
    """Whether a short answer begins with the one word for it: "Done. The lamp costs 20 francs"."""
    first, *more = spoken_sentences(answer) or [""]
    text = answer.strip()
    return bool(more) and len(text) <= _LONGEST_NEWS and not {":", "\n"} & set(text) and says_only_done(first)


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text, as they are written."""
    return frozenset(_NUMBER.findall(text))


def is_so_now(sentence: str) -> bool:
    """Whether a sentence tells what something is now."""
    return bool(_NOW.search(sentence))


def only_says_done(answer: str, task: str, results: Sequence[str]) -> bool:
    """Whether a whole answer can mean nothing but "it is done", in whatever language: by its form.

    It is short, asks and counts nothing, and apart from the task's own words holds none that a result holds.

    Args:
        answer: The answer.
        task: What was asked for.
        results: What tools gave.
    """
    text = answer.strip()
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words or len(words) > _LONGEST_WORDS or len(text) > _LONGEST_CHARS or _QUESTION.search(text):
        return False
    asked = task.casefold()
    if any(sign.isdigit() for sign in re.sub(r"[\w./-]+\.\w+", "", text)):
        return False
    own = [word for word in words if word not in asked]
    told = {word.casefold() for word in _WORD.findall("\n".join(results))}
    return bool(own) and not any(word in told for word in own if len(word) > 2)
