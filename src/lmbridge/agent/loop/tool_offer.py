"""What a model is offered: the tools it sees, how it is to call them, and the words that tell it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from lmbridge.agent.examples.general import worked_examples
from lmbridge.agent.loop import actions
from lmbridge.agent.loop.prompts import system_prompt
from lmbridge.agent.reading import sizes
from lmbridge.agent.reading.names import holds_word
from lmbridge.agent.reading.tool_names import is_sought, name_words, searches_names, writes_by_name
from lmbridge.agent.tools import find_tools
from lmbridge.agent.tools.calculate import CALCULATE
from lmbridge.agent.tools.read_result import READ_RESULT
from lmbridge.agent.tools.tool_lines import first_sentence, tool_line
from lmbridge.identical import Identical
from lmbridge.llm.chat.prompt_size import SCHEMAS_KEPT, START_CHARS_PER_TOKEN, tools_chars
from lmbridge.messages import JsonSchema, Message, ReplyOptions, ToolSpec
from lmbridge.profile import NATIVE, Detail, Profile

Mode = Literal["native", "action"]
_SIZES = frozenset({"size", "sizes"})
_REMARKS = frozenset({"insight"})
_ALLOWED = frozenset({"allowed", "roots"})
_BASE64 = re.compile(r"\bbase-?64\b", re.IGNORECASE)
_DEPRECATED = re.compile(r"\bdeprecated\b", re.IGNORECASE)
_LESS: Mapping[Detail, tuple[Detail, ...]] = {"full": ("full", "brief"), "brief": ("brief",), "names": ("brief",)}
_DESCRIBED_DEEP = 6


@dataclass(frozen=True, slots=True)
class Offer:
    """How a run's tools are offered.

    Attributes:
        specs: The tools in the order sent, lmbridge's own last.
        mode: Through the backend's own tool calls, or by forced JSON.
        system_prompt: The first message.
        profile: Whose limits hold.
        level: In action mode: how much the forced schema says (see `actions`).
        brief: Only the first sentence is told of each tool.
        example: Worked examples between system prompt and task.
    """

    specs: tuple[ToolSpec, ...]
    mode: Mode
    system_prompt: str
    profile: Profile = NATIVE
    level: int = actions.RICHEST
    brief: bool = False
    example: tuple[Message, ...] = ()

    @property
    def sent(self) -> tuple[ToolSpec, ...]:
        """The tools that go into the request itself."""
        return self.specs if self.mode == "native" else ()

    @property
    def acting(self) -> bool:
        """Whether replies are actions in JSON."""
        return self.mode == "action" and bool(self.specs)

    @property
    def small(self) -> bool:
        """Whether it is for a small model that has tools to call."""
        return self.profile.prompt_class == "small" and bool(self.specs)

    @property
    def writers(self) -> frozenset[str]:
        """Tools that may write: by what their server says of its tools, where it does, or by their names."""
        telling = {spec.server for spec in self.specs if spec.read_only}
        return frozenset(
            spec.name
            for spec in self.specs
            if spec.server and not spec.read_only and (spec.server in telling or writes_by_name(spec))
        )

    @property
    def quotes(self) -> bool:
        """Whether an answer that was found names the lines of results that it rests on, as the worked examples do."""
        return bool(self.example)

    @property
    def discovers(self) -> bool:
        """Whether the tools are found by a search instead of being shown."""
        return find_tools.FIND in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """The names that the model can call."""
        return tuple(spec.name for spec in self.specs)

    def options(self, options: ReplyOptions, form: actions.Form) -> ReplyOptions:
        """How a working reply is asked for.

        Args:
            options: Limits and sampling.
            form: What a forced reply may be; its answer's schema counts where there are no tools as well.
        """
        if not self.acting:
            return options if self.specs or form.answer is None else replace(options, schema=form.answer)
        form = replace(form, limits=self.profile.limits, changing=self.writers)
        schema = actions.action_schema(self.specs, self.level, form)
        return replace(options, schema=schema, tools_as_text=True, likelihoods=self.small and schema is not None)

    def forcing(self, form: actions.Form) -> JsonSchema | None:
        """The schema that forces one reply into the form of an action."""
        form = replace(form, limits=self.profile.limits, thinks=False)
        return actions.action_schema(self.specs, actions.level_for(self.specs), form)

    def acted(self) -> Offer:
        """The same tools by forced JSON; told to the model in a message, since the conversation has begun."""
        return replace(self, mode="action", level=actions.level_for(self.specs))

    def rules(self, answer: JsonSchema | None) -> str:
        """The form of an action and the tools, for a conversation that has begun without them."""
        return actions.action_rules(
            self.specs,
            answer,
            thought=self.profile.thinks_at_once,
            brief=self.brief,
            wants=bool(self.example),
            quotes=self.quotes,
        )

    def simpler(self) -> Offer | None:
        """The same with a simpler schema, for a backend that could not compile this one."""
        return replace(self, level=self.level + 1) if self.level < actions.FREE else None

    def reading_on(self) -> Offer:
        """The same with `read_result`, from when on there is a result that was cut."""
        if not self.specs or READ_RESULT.name in self.names:
            return self
        return replace(self, specs=(*self.specs, READ_RESULT))


@dataclass(frozen=True, slots=True)
class Showing:
    """How the servers' tools are shown.

    Attributes:
        specs: As they are shown; empty: they are found by a search.
        brief: Only the first sentence is told of each.
        discover: They are too many, or too long.
        likely: Shown beside the search.
    """

    specs: tuple[ToolSpec, ...]
    brief: bool = False
    discover: bool = False
    likely: tuple[ToolSpec, ...] = ()


def ways(
    specs: Sequence[ToolSpec], profile: Profile, likely: Sequence[ToolSpec] = (), task: str = ""
) -> Iterable[Showing]:
    """The ways to show tools, each shorter than the one before; the last is a search, which always fits.

    Args:
        specs: The servers' tools.
        profile: How the model works best.
        likely: A few of them, which are shown beside a search.
        task: What the caller asked for.
    """
    small = profile.prompt_class == "small"
    shown = plainest(telling(usable(specs), task), sized=sizes.asked(task)) if small else usable(specs)
    if profile.most_tools is None or len(shown) <= profile.most_tools:
        for detail in _LESS[profile.detail]:
            brief = detail != "full"
            told = tuple(map(briefly, shown)) if brief else shown
            yield Showing(tuple(map(plainly, told)) if small else told, brief)
    few = tuple(map(briefly, likely)) if profile.detail != "full" else tuple(likely)
    yield Showing(tuple(specs), brief=profile.detail != "full", discover=True, likely=few)


def usable(specs: Sequence[ToolSpec]) -> tuple[ToolSpec, ...]:
    """The tools without those that their server itself calls deprecated, unless it has no others; all can be called."""
    kept = tuple(spec for spec in specs if not _DEPRECATED.search(spec.description))
    return kept or tuple(specs)


def telling(specs: Sequence[ToolSpec], task: str = "") -> tuple[ToolSpec, ...]:
    """The tools without those that tell a small model nothing that it can use, where their server has others.

    Args:
        specs: The tools.
        task: What the caller asked for.

    What a server may touch (`list_allowed_directories`) was called in place of the work and given for its result; a tool
    that gives pictures and sound in base64 (`read_media_file`) was called for texts; and one that only puts a remark into a server's own memo
    (`append_insight` of the sqlite server) in place of the statement that was asked for, unless the task speaks of such remarks.
    """

    def tells(spec: ToolSpec) -> bool:
        encodes = bool(_BASE64.search(spec.description))
        allows = bool(name_words(spec) & _ALLOWED) and not spec.parameters.get("properties")
        remarks = name_words(spec) & _REMARKS
        unasked = bool(remarks) and not any(
            holds_word(task.lower(), f"{word}{end}") for word in remarks for end in ("", "s")
        )
        return not (unasked or (spec.read_only and (encodes or allows)))

    kept = [spec for spec in specs if tells(spec)]
    names, served = {spec.name for spec in kept}, {spec.server for spec in kept}
    return tuple(spec for spec in specs if spec.name in names or spec.server not in served)


def plainest(specs: Sequence[ToolSpec], *, sized: bool = False) -> tuple[ToolSpec, ...]:
    """The tools without variants of a plainer one: `list_directory_with_sizes` beside `list_directory`.

    Args:
        specs: The tools.
        sized: Whether sizes are asked for: then a variant that tells them stands in place of the plainer one.
    """

    def varies(spec: ToolSpec, plainer: ToolSpec) -> bool:
        own, base = spec.tool or spec.name, plainer.tool or plainer.name
        same = spec.parameters.get("required") == plainer.parameters.get("required")
        return spec.server == plainer.server and own.startswith(f"{base}_with") and same

    longer = [spec for spec in specs if "_with" in (spec.tool or spec.name)]
    telling_sizes = [spec for spec in longer if sized and name_words(spec) & _SIZES]
    fuller = {each.name for spec in telling_sizes for each in specs if varies(spec, each)}
    kept = [spec for spec in specs if spec.name not in fuller]
    variants = {spec.name for spec in longer if any(varies(spec, each) for each in kept)}
    return tuple(spec for spec in kept if spec.name not in variants)


def shown_tokens(showing: Showing, mode: Mode) -> int:
    """Tokens that tools shown this way take, estimated."""
    if mode == "action":
        chars = sum(len(tool_line(spec, brief=showing.brief)) + 1 for spec in showing.specs)
    else:
        chars = tools_chars(showing.specs)
    return round(chars / START_CHARS_PER_TOKEN)


def offer(
    showing: Showing,
    *,
    mode: Mode,
    profile: Profile,
    answer: JsonSchema | None = None,
    begun: bool = False,
    cut: bool = False,
) -> Offer:
    """Decides what a run's model sees.

    Args:
        showing: The tools of the servers, sorted, and how they are shown.
        mode: How tools are called.
        profile: How the model works best.
        answer: Schema of the final answer, told in action mode.
        begun: A conversation goes on, so there are no worked examples.
        cut: It holds results that were cut.
    """
    if not showing.specs:
        return Offer((), mode, system_prompt(has_tools=False), profile)
    shown = (*showing.likely, *find_tools.TOOLS) if showing.discover else showing.specs
    small = profile.prompt_class == "small"
    taken = {spec.name for spec in showing.specs}
    shown = (*shown, CALCULATE) if small and mode == "action" and CALCULATE.name not in taken else shown
    shown = (*shown, READ_RESULT) if cut else shown
    extra = [find_tools.index(showing.specs)] if showing.discover else []
    shows = mode == "action" and small and not begun and answer is None
    if mode == "action":
        extra.append(
            actions.action_rules(
                shown, answer, thought=profile.thinks_at_once, brief=showing.brief, wants=shows, quotes=shows
            )
        )
    prompt = system_prompt(has_tools=True, extra="\n\n".join(extra), prompt_class=profile.prompt_class)
    worked = worked_examples(thought=profile.thinks_at_once, looked=profile.looks_first) if shows else ()
    return Offer(shown, mode, prompt, profile, actions.level_for(shown), showing.brief, worked)


def briefly(spec: ToolSpec) -> ToolSpec:
    """A tool of which less is said: its first sentence, and the names and types of its arguments."""
    description = first_sentence(" ".join(spec.description.split()))
    if searches_names(spec):
        description = f"{description.rstrip('.')} (by name, does not look into files)."
    return replace(spec, description=description, parameters=_shortened(Identical(spec.parameters)))


@lru_cache(maxsize=SCHEMAS_KEPT)
def _shortened(schema: Identical[JsonSchema]) -> JsonSchema:
    """The same schema for the same one in every run, so that its length is counted once."""
    return _undescribed(schema.value, 0)


def plainly(spec: ToolSpec) -> ToolSpec:
    """A tool without the arguments that it can do without: small models fill in whatever a form has room for.

    Left out are lists, objects, what has a number or a yes or no for its default, and in tools that only read texts without
    a default that are no place and nothing sought: a git_log whose `start_timestamp` was shown got "now" there, and its
    history was empty.
    """
    properties, required = spec.parameters.get("properties"), spec.parameters.get("required") or ()
    if not isinstance(properties, Mapping):
        return spec
    kept = {
        name: value
        for name, value in properties.items()
        if name in required or not (_spared(value) or (spec.read_only and _narrows(name, value)))
    }
    return spec if len(kept) == len(properties) else replace(spec, parameters={**spec.parameters, "properties": kept})


def _spared(schema: object) -> bool:
    if not isinstance(schema, Mapping):
        return False
    return schema.get("type") in {"array", "object"} or isinstance(schema.get("default"), bool | int | float)


def _narrows(name: str, schema: object) -> bool:
    """Whether an argument is a text that anybody could write anything into (`since`), and that only narrows a result."""
    if not isinstance(schema, Mapping) or schema.get("default") is not None or "enum" in schema:
        return False
    return not is_sought(name)


def _undescribed(schema: JsonSchema, depth: int) -> dict[str, Any]:
    """A schema without the words in it; a property that is named `description` stays."""
    own = {key: value for key, value in schema.items() if key not in {"description", "title", "examples"}}
    if depth >= _DESCRIBED_DEEP:
        return own
    if isinstance(properties := own.get("properties"), Mapping):
        own["properties"] = {
            name: _undescribed(value, depth + 1) if isinstance(value, Mapping) else value
            for name, value in properties.items()
        }
    if isinstance(items := own.get("items"), Mapping):
        own["items"] = _undescribed(items, depth + 1)
    return own
