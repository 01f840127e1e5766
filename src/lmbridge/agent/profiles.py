"""The profiles of a process: what a model is kept under, which one a run gets, and the measuring of a new one."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from lmbridge.agent.first_replies import FirstOfRuns
from lmbridge.errors import LmbridgeError, ModelNotUsableError
from lmbridge.qualify.choose import Chosen, advice, chosen
from lmbridge.qualify.examine import Patience, Tell
from lmbridge.qualify.qualify import qualify
from lmbridge.qualify.record import Key, Qualified, key_of
from lmbridge.qualify.store import ProfileStore

if TYPE_CHECKING:
    from lmbridge.llm.backend import Backend
    from lmbridge.llm.models.backend_kind import Abilities
    from lmbridge.llm.models.resolve import Target
    from lmbridge.settings import Settings


class Profiles:
    """The profiles that the settings name.

    Args:
        settings: `profile` and the state folder.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys: dict[Key, Key] = {}
        self._chosen: dict[Key, tuple[object, Chosen]] = {}
        self.store = ProfileStore(settings.state_dir / "profiles")

    def key(self, target: Target, abilities: Abilities) -> Key:
        """What a profile of this model is kept under; the embedded engine's model file is looked at once."""
        plain = key_of(target, abilities)
        if self._settings.backend != "embedded":
            return plain
        if plain not in self._keys:
            self._keys[plain] = key_of(target, abilities, file=self._file(target.model.id), build=_engine_build())
        return self._keys[plain]

    def refuse_base_model(self, target: Target) -> None:
        """Refuses a model of the embedded engine whose file has no chat template.

        Raises:
            ModelNotUsableError: It has none.
        """
        if self._settings.backend != "embedded":
            return
        from lmbridge.engine.gguf import has_chat_template

        file = self._file(target.model.id)
        if file is not None and not has_chat_template(file):
            raise ModelNotUsableError(
                f"{file.name} has no chat template: it is a base model, which goes on with a text and follows no instruction.",
                hint="Name a model that was tuned for chat; its name often holds `instruct`, `it` or `chat`. "
                "`lmbridge engine list` shows what is here.",
            )

    def _file(self, model: str) -> Path | None:
        """The model's file, which the engine's models are named after."""
        from lmbridge.engine.embedded import catalog  # an extra; nobody else pays its import

        named = [name.strip() for name in (self._settings.engine_model or "").split(",")]
        try:
            found = [catalog(self._settings).resolve(name or None) for name in named]
        except LmbridgeError:
            return None
        return next((each.path for each in found if each.name == model), None)

    def of(self, target: Target, abilities: Abilities) -> Chosen:
        """The profile for a run.

        Raises:
            SettingsError: `LMBRIDGE_PROFILE` names a file that cannot be used.
        """
        key = self.key(target, abilities)
        if self._settings.profile not in {"auto", "off"}:
            return chosen(self._settings.profile, key, target.model, self.store)
        now = (target.model, self.store.stamp(key))
        known = self._chosen.get(key)
        if known is None or known[0] != now:
            known = self._chosen[key] = (now, chosen(self._settings.profile, key, target.model, self.store))
        return known[1]

    def able(self, target: Target, abilities: Abilities) -> int | None:
        """Cases of tool work that the model's own profile saw right; None where it was not measured."""
        kept = self.store.find(self.key(target, abilities))
        return kept.able if kept else None

    def advice(self, target: Target, abilities: Abilities, got: Chosen) -> str | None:
        """That the model would be worth measuring; None where it is known well enough, or where it has been said."""
        if not got.worth_measuring or self.store.was_advised(self.key(target, abilities)):
            return None
        return advice(target.model.id, got)

    def advised(self, target: Target, abilities: Abilities) -> None:
        """Remembers that it has been said."""
        self.store.advised(self.key(target, abilities))

    async def qualify(
        self,
        backend: Backend,
        model: str | None,
        *,
        quick: bool = False,
        patience: Patience | None = None,
        tell: Tell = lambda _: None,
    ) -> Qualified:
        """Measures a model and keeps what was found; raises like `qualify.qualify`."""
        forces = self._settings.tool_mode != "native"
        return await qualify(
            backend,
            model,
            store=self.store,
            quick=quick,
            patience=patience,
            tell=tell,
            key=self.key,
            first_replies=FirstOfRuns(self._settings) if forces else None,
        )


def _engine_build() -> str | None:
    """The engine's version: its own `build_info` says nothing where it was built outside a checkout."""
    try:
        return metadata.version("xllamacpp")
    except metadata.PackageNotFoundError:
        return None
