"""What a result says of its own success, where the protocol's flag says nothing: many servers never set `isError`.

Judged are the two forms that public servers use: fields of a JSON object (`{"success": false}`, `{"error": "…"}`, an HTTP
status, an exit code), and how the first line of a text begins (`Error: …`, `Database error: …`, `Failed to …`, `a.txt does
not exist`). A text that begins with a success is none, whatever stands further down, since it may quote anything. The
outcome stays what the server said; who vouches for a write looks here as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

_LONGEST: Final = 200_000
_MOST_KEPT: Final = 8_000
"""Characters of a result of which it is kept what it says."""
_LINE: Final = 300
_CONFIRMED: Final = 4_000
_SHOWN: Final = 120
_MEMBERS: Final = 50

_GOOD: Final = re.compile(
    r"(?:ok|okay|done|success(?:ful(?:ly)?)?|created?|wrote|written|updated?|saved|added|deleted|removed|moved|inserted"
    r"|committed|sent|stored|edited|replaced|renamed|appended|uploaded|posted|copied|applied|completed?|fixed|no|0|zero)\b"
    r"(?! (?:such|permission|access|space|route|write|rights|valid))(?!['\"]?\s*[:=]\s*['\"]?(?:false|no|0)\b)"
)
_BAD: Final = re.compile(
    r"failed|failure|unable|could ?n[o']t|couldn.t|cannot|can.t\b|can not|permission denied|access (?:is |was )?denied"
    r"|operation not permitted|no such |no permission|no access|not (?:allowed|permitted|authori[sz]ed|found|implemented)"
    r"|unauthori[sz]ed|forbidden|refused|rejected|denied|invalid\b|aborted|time(?:d |-)?out\b|fatal\b|panic\b"
    r"|(?:enoent|eacces|eperm|eexist|eisdir|enotdir|erofs|enospc|ebusy|einval|etimedout|econnrefused|enotempty)\b"
    r"|traceback \(most recent|usage:|does ?n[o']t exist|unknown (?:tool|command|argument|option|column|table|parameter)"
    r"|missing (?:required|argument|parameter|\w+ argument)|http (?:error )?[45]\d\d|[45]\d\d (?:bad|unauthori|forbidden|not"
    r"|conflict|internal|service|gateway)|no (?:space left|route to|write |rights|valid )|(?:not enough|insufficient) (?:disk|free|space|memory|room|storage|permission|privilege|right|scope|arguments?)|(?:disk )?quota exceeded"
    r"|disk (?:is )?full|out of (?:memory|space)|read-only file ?system|(?:is|not) a directory(?:[:.(]|$)|something went wrong|file exists\.?$|broken pipe"
    r"|connection (?:refused|reset|closed|timed out)|错误|失败|エラー|失敗|오류|실패|ошибка|не удалось|fehler\b|erreur\b|erro\b|falha\b"
    r"|errore\b|fout\b|fallo\b|échec\b|échoué|zugriff verweigert|accès (?:refusé|interdit)|acceso denegado|acesso negado|accesso negato"
    r"|нет доступа|доступ запрещ|unsuccessful|segmentation fault|rate limit(?:ed| (?:was |is )?(?:exceeded|reached|hit))|too many requests|(?:token|session|credentials?) (?:has |have |is )?expired"
    r"|(?:login|authentication|authorization) (?:is )?required|not (?:logged in|signed in|authenticated)|please (?:log|sign) in"
    r"|cancell?ed(?: by|\.?$)|(?:the )?user (?:declined|rejected|cancell?ed|denied)|errno -?\d|\d+ validation errors?\b"
    r"|(?:success|ok|succeeded|successful)['\"]?\s*[:=]\s*['\"]?(?:false|no|0)\b"
    r"|(?:status|state|result|outcome)['\"]?\s*[:=]\s*['\"]?(?:error|fail|denied|rejected|aborted|forbidden|unauthori[sz]ed)"
)
_ERROR: Final = re.compile(
    r"(?:[\w./'\"-]+ ){0,4}?[\w.]*(?:error|exception|failure)s?\b"
    r"(?:\s*[:(\[\]!>*`–]|\s+-|\s+[a-z]*\d|\s+(?:in|while|when|executing|calling|invoking|running|writing|reading|creating|opening|saving"
    r"|deleting|updating|moving|occurred|at|from|during|trying|parsing|processing|connecting|al|en|ao|nel|durante|beim?|lors|pendant)\b|\.?$)"
)
_OF_A_THING: Final = re.compile(
    r"(?:[^\s,;]+ ){1,8}?(?:failed|could not be|cannot be|can.t be|was not|were not|not found|does ?n[o']t exist|do not exist"
    r"|is not (?:allowed|permitted|writable|a directory|a file)|denied|(?:was|were) (?:rejected|refused)|timed out"
    r"|is read-only|is (?:invalid|required|locked)|(?:konnten?|wurden?) nicht|nicht gefunden|fehlgeschlagen|verweigert|introuvable|n'existe pas"
    r"|no (?:se )?(?:encontrad[oa]|existe|pudo)|não (?:encontrad[oa]|existe)|non (?:trovat[oa]|esiste)|не найден\w?)\b(?! (?:needed|necessary|required))"
    r"|[^\s,;。]{0,16}(?:不存在|未找到|找不到|失败|失敗|被拒绝|无法|無法|权限不足|見つかりません|できません|拒否|없습니다|실패)"
)
_EXIT: Final = re.compile(
    r"^\W*(?:(?:process|command|script) )?(?:(?:exited|returned|finished|failed) )?(?:with )?(?:non-?zero )?"
    r"(?:exit[ _-]?|return[ _-]?)?(?:code|status)\W{1,4}(?:code\W+)?(-?[1-9]\d{0,9})\b",
    re.MULTILINE | re.IGNORECASE,
)
_NOTHING: Final = re.compile(
    r"['\"]?(?:affected_?rows|rows_?affected|row_?count|changes|modified_?count|deleted_?count|matched_?count|updated|deleted"
    r"|inserted|n_?modified|n_?removed)['\"]?\s*[:=]\s*0\b(?!\.)"
    r"|\b(?:0|no|zero) (?:rows?|records?|documents?|lines?|items?|files?|entries|objects?)(?: (?:was|were|have been))?"
    r" (?:affected|changed|updated|deleted|modified|inserted|removed|matched|found)"
    r"|^\W*(?:update|delete|insert(?: 0)?|merge) 0\W*$|nothing (?:to commit|was changed|changed|to do|to update|to delete)"
    r"|\bno changes\b(?: (?:made|were made|needed|applied))?",
    re.MULTILINE | re.IGNORECASE,
)
_LABELS: Final = re.compile(r"^(?:\[structured content\]|\[the result has [^\]]{1,80}\]|```\w*)[ \t]*\n", re.MULTILINE)
_HTTP: Final = frozenset({"statuscode", "httpstatus", "httpstatuscode", "status"})
_EXITS: Final = frozenset({"exitcode", "returncode", "exitstatus", "errno", "errcode"})
_ABOUT_A_CODE: Final = frozenset(
    {"code", "message", "msg", "data", "detail", "details", "requestid", "path", "timestamp", "hint"}
)
"""Fields of an object that is nothing but a code and what it means: `{"code": 403, "message": "Forbidden"}`."""
_APOLOGY: Final = re.compile(
    r"(?:(?:i'm |i am |we're |we are )?(?:very |so )?sorry|apologies|unfortunately|regrettably|oops|whoops|oh no)\b[\W_]*"
    r"(?:but )?(?:i |we |it )?|(?:i|we) (?:(?:was|were|am|are) (?=unable|not )|(?=could|cannot|can't|failed))"
)
_SUCCESS: Final = frozenset({"success", "ok", "succeeded", "successful", "issuccess", "issuccessful"})
_FAILURE: Final = frozenset({"iserror", "failed", "haserror", "haserrors"})
_REASONS: Final = frozenset({"error", "errors", "errormessage", "exception", "errorcode"})
_STATES: Final = frozenset({"status", "state", "outcome", "result", "type", "level"})
_BAD_STATES: Final = frozenset(
    {"error", "errored", "failed", "failure", "fail", "denied", "rejected", "aborted", "unauthorized", "forbidden"}
    | {"timeout", "cancelled", "canceled", "invalid", "notfound", "exception"}
)
_EMPTY: Final = frozenset({"", "none", "null", "false", "0", "no", "ok", "undefined"})


def reported_failure(text: str) -> str | None:
    """The words in which a result says that its call failed; None where it does not.

    Args:
        text: The result as a model reads it.
    """
    return (_told_kept if len(text) <= _MOST_KEPT else _told)(text)


def _told(text: str) -> str | None:
    text = text[:_LONGEST].strip()
    is_json = False
    for start, value in _values(text):
        is_json = is_json or start == 0
        found = _of_value(value)
        if found:
            return found[:_SHOWN]
    return None if is_json else _of_text(text)


_told_kept = lru_cache(maxsize=256)(_told)
"""A result is asked about several times: when it comes in, and by most looks back at an answer."""


def changed_nothing(text: str) -> str | None:
    """The words in which a result says that nothing was there to be changed (`0 rows affected`); None where it does not."""
    if len(text) > 2 * _CONFIRMED:  # a confirmation is short; in a long result it stands at an end
        text = f"{text[:_CONFIRMED]}\n{text[-_CONFIRMED:]}"
    match = _NOTHING.search(text)
    return match[0].strip()[:_SHOWN] if match else None


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """The JSON objects and lists that a text is (at 0), or holds under one of the labels of a rendered result."""
    starts = [0, *(match.end() for match in _LABELS.finditer(text))]
    for start in starts[:4]:
        body = text[start:].lstrip()
        if not body.startswith(("{", "[")):
            continue
        try:
            yield start, orjson.loads(body.partition("\n```")[0])
        except orjson.JSONDecodeError:
            continue


def _of_value(value: Any, depth: int = 0) -> str | None:
    if depth > 3:
        return None
    if isinstance(value, list):
        return next((found for item in value[:_MEMBERS] if (found := _of_value(item, depth + 1))), None)
    if not isinstance(value, Mapping):
        return None
    named = {re.sub(r"[^a-z]", "", str(key).lower()): (str(key), item) for key, item in value.items()}
    found = next((name for name, (_, item) in named.items() if _is_bad(name, item, named)), None)
    if found is not None:
        key, item = named[found]
        return f"{key}: {_brief(item)}"
    for inner in ("result", "data", "response", "content", "results"):
        if isinstance(value.get(inner), Mapping | list) and (told := _of_value(value[inner], depth + 1)):
            return told
    text = value.get("result") if len(value) == 1 else None
    return _of_text(text) if isinstance(text, str) else None


def _is_bad(name: str, item: Any, named: Mapping[str, tuple[str, Any]]) -> bool:
    """Whether one field says that the call failed."""
    word = re.sub(r"[^a-z0-9]", "", item.lower()) if isinstance(item, str) else None
    is_number = isinstance(item, int | float) and not isinstance(item, bool)
    if name in _SUCCESS:
        return item is False or (is_number and item == 0) or word in {"false", "failed", "no", "error", "0"}
    if name in _FAILURE:
        return item is True or word == "true" or (is_number and item > 0)
    if name in _EXITS:
        return is_number and item != 0
    if name in _HTTP and is_number:
        return bool(400 <= item < 600)
    if name == "code":
        told = any(isinstance(named[key][1], str) for key in ("message", "msg") if key in named)
        return bool(is_number and told and named.keys() <= _ABOUT_A_CODE and (item < 0 or 400 <= item < 600))
    if name in _STATES:
        return word in _BAD_STATES
    if name in _REASONS:
        praised = any(named[key][1] is True for key in _SUCCESS & named.keys())
        return not praised and bool(item) and word not in _EMPTY
    return False


def _of_text(text: str) -> str | None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines[:2]):
        if number and not lines[0].endswith(":"):
            break
        if _is_bad_line(line[:_LINE]):
            return line[:_SHOWN]
    ends = "\n".join([*lines[:3], *lines[-3:]])[:4000]
    exited = _EXIT.search(ends)
    return exited[0].strip()[:_SHOWN] if exited else None


def _is_bad_line(line: str) -> bool:
    plain = re.sub(r"^[\W_]+", "", line.lower().replace("\u2019", "'"))
    plain = plain[apology.end() :] if (apology := _APOLOGY.match(plain)) else plain
    if _GOOD.match(plain):
        return False
    return any(pattern.match(plain) for pattern in (_BAD, _ERROR, _OF_A_THING))


def _brief(item: Any) -> str:
    return item if isinstance(item, str) else orjson.dumps(item, default=str).decode()
