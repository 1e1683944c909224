"""Types of the pypdfium2 objects in use: the library has no annotations."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol


class PdfTextPage(Protocol):
    """The text layer of a page."""

    @property
    def raw(self) -> object: ...

    def count_chars(self) -> int: ...

    def get_text_range(self) -> str: ...

    def get_text_bounded(self, left: float, bottom: float, right: float, top: float) -> str: ...

    def close(self) -> None: ...


class PdfObject(Protocol):
    """Something drawn on a page, such as an image."""

    def get_bounds(self) -> tuple[float, float, float, float]: ...


class PdfBitmap(Protocol):
    """A rendered page."""

    @property
    def buffer(self) -> ctypes.Array[ctypes.c_ubyte]: ...


class PdfPage(Protocol):
    """A page. The functions of ``pypdfium2.raw`` take it as it is."""

    def get_textpage(self) -> PdfTextPage: ...

    def get_rotation(self) -> int: ...

    def get_width(self) -> float: ...

    def get_size(self) -> tuple[float, float]: ...

    def get_objects(self, filter: Sequence[int], max_depth: int) -> Iterator[PdfObject]: ...

    def render(self, *, scale: float) -> PdfBitmap: ...

    def close(self) -> None: ...


class PdfAttachment(Protocol):
    """A file attached to a document."""

    def get_name(self) -> str: ...


class PdfDocument(Protocol):
    """An open document."""

    @property
    def formenv(self) -> object: ...

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> PdfPage: ...

    def init_forms(self) -> None: ...

    def get_formtype(self) -> int: ...

    def get_metadata_dict(self) -> Mapping[str, str]: ...

    def count_attachments(self) -> int: ...

    def get_attachment(self, number: int) -> PdfAttachment: ...
