"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio.from_thread
import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from lmbridge.engine.engine import Engine
from lmbridge.testing.random_model import write_random_model


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that take minutes first; the workers take whole files, in this order.

    By file and not by group: pytest 9.2 drops the group that pytest-xdist 3.8 writes behind a test's id, and what was to be
    built once was built by every worker.
    """
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


hypothesis_settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # no stopwatch
hypothesis_settings.register_profile("ci", hypothesis_settings.get_profile("suite"), derandomize=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "suite")  # CI repeats; everyone else explores


@pytest.fixture(autouse=True)
def unconfigured_logs() -> Iterator[None]:
    """Leaves structlog as it was found: whoever captures its lines leaves it configured, and then it prints on stdout."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A GGUF file of random weights: a real model that babbles."""
    return write_random_model(tmp_path_factory.mktemp("models") / "random.gguf")


@contextmanager
def _running(model: Path, alias: str) -> Iterator[Engine]:
    """An engine that runs beside the tests' own event loops."""
    with anyio.from_thread.start_blocking_portal() as portal:
        engine = Engine.started(model, alias=alias, threads=1, context=16_384, parallel=4)
        with portal.wrap_async_context_manager(engine) as entered:
            yield entered


@pytest.fixture(scope="session")
def random_engine(random_model: Path) -> Iterator[Engine]:
    """One engine for the session, with four slots; its model babbles, so force what you need by a grammar."""
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    with _running(random_model, "random") as engine:
        yield engine


@pytest.fixture(scope="session")
def demo_engine() -> Iterator[Engine]:
    """One engine for the session with the demo model, which does the tasks that it was trained for."""
    pytest.importorskip("xllamacpp", reason="the engine extra is not installed")
    demo = pytest.importorskip("lmbridge.engine.demo", reason="the demo model is not in this checkout")
    model = demo.model_path() if hasattr(demo, "model_path") else None
    if model is None or not model.is_file():
        pytest.skip("the demo model is not in this checkout")
    with _running(model, demo.NAME) as engine:
        yield engine
