"""Editing ``documents:`` leaves every other line as somebody wrote it, however that is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from groundtune.project.document_list import with_documents

_OTHER_LINES = (
    "seed:    3  # always\nname:  x\n",
    "recipe:\n    rank: 8\n# why\n    steps: 10\n",
    "examples:\n- x\n- y\n",
    "examples:\n    - x\n    - y\n",
    "rows:\n  - k: 1\n    l: 2\n  -   k: 3\n      l: 4\n",
    'note: one two\n  three\ntold: "four\n  five"\n',
    "note: |\n     one\n     two\n",
    "recipe: { rank: 8,steps: 10 }\nexamples: [x,\n           y]\n",
    "a: yes\nb: ~\nc: null\nd: True\ne: +3\nf: 0x1F\n",
    "\n# How it is seeded:\nseed : 3  \n   \n? name\n: !!str x\n...\n",
    'a: "\\u00e4"\nb: &x {k: 1}\nc: *x\n\n\n',
)


@pytest.mark.parametrize("lines", _OTHER_LINES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("wanted", [["a"], ["b"], ["b", "c"], []])
def test_other_lines_stay_byte_for_byte(lines: str, line_end: str, wanted: Sequence[str]) -> None:
    above, lines = f"---{line_end}# Ours:{line_end}", lines.replace("\n", line_end)
    made = with_documents(f"{above}documents:{line_end}  - a  # first{line_end}  - b{line_end}{lines}", wanted)
    assert made.startswith(f"{above}documents:")
    assert made.endswith(lines)
