"""Models: what the conversion guarantees, and what tells one from another."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.atomic_files import MANIFEST, write_json
from lm.models.catalogue import CONVERSION, cache_folder, is_pulled, model_folder
from lm.models.weights import weights_id

_FLOAT = st.floats(-4, 4, width=32)


@pytest.mark.long
@settings(deadline=None)
@given(st.lists(st.lists(_FLOAT, min_size=4, max_size=4), min_size=1, max_size=6))
def test_rounding_to_int8_is_near_and_rounding_again_changes_nothing(rows: list[list[float]]) -> None:
    import torch

    from lm.models.int8_weights import round_to_int8

    weight = torch.tensor(rows)
    rounded = round_to_int8(weight)
    span = (weight.amax(1).clamp(min=0) - weight.amin(1).clamp(max=0)).unsqueeze(1)
    usual = (span > 0.05).squeeze(1)  # below, float16 itself has few digits left for the scale
    assert bool(((rounded - weight).abs() <= span / 255)[usual].all())
    assert torch.equal(round_to_int8(rounded), rounded)


def test_weights_that_differ_at_either_end_are_told_apart(tmp_path: Path) -> None:
    first, same, other = (tmp_path / name for name in ("a", "b", "c"))
    for folder, content in ((first, b"x" * 10), (same, b"x" * 10), (other, b"x" * 9 + b"y")):
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(content)
    assert weights_id(first) == weights_id(same) != weights_id(other)


def test_a_model_converted_by_an_earlier_version_is_pulled_anew(tmp_path: Path) -> None:
    folder = model_folder("minilm-l6", tmp_path)
    write_json(folder / MANIFEST, {"model": "minilm-l6"})
    assert not is_pulled("minilm-l6", tmp_path)
    write_json(folder / MANIFEST, {"model": "minilm-l6", "conversion": CONVERSION})
    assert is_pulled("minilm-l6", tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="each system has a place of its own")
@pytest.mark.parametrize(
    ("given_names", "folder"),
    [
        ({}, "/home/me/.cache/groundtune"),
        ({"XDG_CACHE_HOME": "/big/cache"}, "/big/cache/groundtune"),
        ({"XDG_CACHE_HOME": ""}, "/home/me/.cache/groundtune"),
        ({"XDG_CACHE_HOME": "/big/cache", "GROUNDTUNE_CACHE": "models"}, "models"),
    ],
)
def test_models_lie_in_the_users_cache_or_where_the_project_is_told(
    given_names: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "GROUNDTUNE_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/home/me"} | given_names).items():
        monkeypatch.setenv(name, value)
    assert str(cache_folder()) == folder
