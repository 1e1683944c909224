"""Standard input and output as the terminal can take them: any encoding, closed pipes."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata

_HANDLER = "groundtune.plain"
_PLAIN = {
    "✓": "ok",
    "✗": "x",
    "→": "->",
    "←": "<-",
    "…": "...",
    "·": "-",
    "•": "*",
    "–": "-",
    "—": "-",
    "−": "-",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "€": "EUR",
    "£": "GBP",
    "×": "x",
    "±": "+-",
    "≥": ">=",
    "≤": "<=",
    "█": "#",
    "▁": "_",
    "━": "-",
    "─": "-",
    "│": "|",
    "ß": "ss",
}
"""What stands for a sign that the terminal's encoding lacks; letters lose their accents, all else becomes ``?``."""


def adapt_streams() -> None:
    """Let no sign that the terminal cannot show, and no byte that is no text, end the command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_HANDLER)
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")


def shows_unicode() -> bool:
    """Can standard output take every sign?"""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-").startswith("utf")


def flush_streams() -> bool:
    """Write out what is held back; False where nobody reads it any more, after which nothing is written."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BrokenPipeError:
        close_streams()
        return False
    return True


def close_streams() -> None:
    """Let whatever is still printed go nowhere: nobody reads it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            try:
                os.dup2(nowhere, stream.fileno())
            except (OSError, ValueError):
                continue  # it is no file: there is nothing to redirect
    os.close(nowhere)


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = ""
    for sign in error.object[error.start : error.end]:
        bare = _PLAIN.get(sign) or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
        text += bare
    return text, error.end


codecs.register_error(_HANDLER, _plain)
