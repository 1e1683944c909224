"""Python processes of our own: they run our code, whatever lies in the folder they are started in. Starts none itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parent.parent)
_BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "


def command(code: str, *arguments: str) -> list[str]:
    """The command that runs ``code`` with the modules of this process; ``arguments`` are its ``sys.argv[1:]``.

    ``python -m`` and ``python -c`` look in the current folder first: a user's own ``rag/`` or ``json.py`` would be run.
    """
    return [sys.executable, "-P", "-c", _BEGIN + code, json.dumps(own_paths(sys.path)), *arguments]


def own_paths(paths: list[str]) -> list[str]:
    """``paths`` without the current folder, unless our packages lie there."""
    here = os.path.realpath(os.curdir)
    others = [path for path in paths if os.path.realpath(path or os.curdir) != here or here == _ROOT]
    return others if _ROOT in map(os.path.realpath, others) else [*others, _ROOT]
