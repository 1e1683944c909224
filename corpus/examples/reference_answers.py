"""The reference answers of a row, in whatever way it lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corpus.examples.example_rows import Unusable, is_missing, shown, text_of
from corpus.examples.json_decoder import holds_list
from corpus.text.refusal import is_refusal

SINGLE = ("answer", "completion", "response", "output")
_FLAGS = ("is_impossible", "unanswerable")
_SAYS = {
    **dict.fromkeys(("true", "yes", "1", "1.0", "y", "x", "ja", "oui", "sí", "si"), True),
    **dict.fromkeys(("false", "no", "0", "0.0", "n", "", "nein", "non"), False),
}
_UNANSWERABLE = "unanswerable"
_WANTED = "text, or null where it is not known"
_IN_A_CELL = 'text or, where it is not known, "yes" in a column "unanswerable"'


def answers_of(fields: Mapping[str, object], *, cells: bool) -> tuple[tuple[str, ...], set[str]]:
    """The answers, each once and none where it is not known, and the fields that say so. Raises ``Unusable``.

    A row says that its question is unanswerable by null, by ``is_impossible`` or ``unanswerable``, by the kind of that name
    with an empty answer, or as SQuAD does by ``answers`` without a text. ``cells``: of a table, which has no null.
    """
    name = next((n for n in (*SINGLE, "answers") if n in fields), "answer")
    value, flag, wanted = fields.get(name, ""), _flag(fields), _IN_A_CELL if cells else _WANTED
    used = {name, "answers", *_FLAGS}
    texts = tuple(dict.fromkeys([*texts_of(value, name), *texts_of(fields.get("answers"), "answers")]))
    if flag and all(map(is_refusal, texts)):
        return (), used
    if texts and (flag or value is None):
        claim = "said to be unanswerable" if flag else "null"
        raise Unusable(f"{claim}, and an answer all the same", "one of the two", field=name)
    if texts:
        return texts, used
    if flag is False and (value is None or isinstance(value, dict | list)):
        raise Unusable("no answer, and said to be answerable", "one of the two", field=name)
    if value is None or fields.get("kind") == _UNANSWERABLE or (isinstance(value, dict) and value.get("text") == []):
        return (), used
    if name not in fields:
        raise Unusable("no value (NaN)", wanted, field=name)
    raise Unusable("an empty list" if value == [] else shown(value), wanted, field=name)


def texts_of(value: object, field: str) -> Iterator[str]:
    """The texts of a field that holds one or several: a list, SQuAD's ``{"text": [...]}``, or objects with a text each."""
    if value is None or is_missing(value) or (isinstance(value, str) and not value.strip()):
        return
    if isinstance(value, bool):
        raise Unusable(shown(value), 'text, such as "yes" or "no"', field=field)
    if isinstance(value, str):
        if field == "answers" and holds_list(value):
            raise Unusable("a text that holds a list", "the list itself", field=field)
        yield text_of(value, field)
    elif isinstance(value, list):
        for entry in value:
            if isinstance(entry, list):
                raise Unusable("a list within a list", "texts", field=field)
            yield from texts_of(entry, field)
    elif isinstance(value, dict) and "text" in value:
        yield from texts_of(value["text"], field)
    elif isinstance(value, dict) and "value" in value:
        yield from texts_of(value["value"], field)
        yield from texts_of(value.get("aliases"), field)
    else:
        raise Unusable(shown(value), "text, or a list of texts", field=field)


def start_of(answers: object) -> int:
    """The offset in its context at which SQuAD's first answer begins; -1 where none is stated."""
    first = answers[0] if isinstance(answers, list) and answers else answers
    start = first.get("answer_start") if isinstance(first, dict) else None
    start = start[0] if isinstance(start, list) and start else start
    return int(start) if isinstance(start, str) and start.isdecimal() else -1


def _flag(fields: Mapping[str, object]) -> bool | None:
    """What the row says of being unanswerable; None where it does not say."""
    for name in _FLAGS:
        value = fields.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            flag = _SAYS.get(value.strip().lower()) if isinstance(value, str) else None
            if flag is None:
                raise Unusable(shown(value), "yes or no", field=name)
            return flag
    return None
