"""The screens of the index: passages, what is wrong with it, what it holds. Looks nothing up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.markup import escape

from groundtune.screens.answer_screen import place
from groundtune.screens.fitting_tables import some_of
from groundtune.screens.not_read_screen import show_not_read

if TYPE_CHECKING:
    from corpus.records import ScoredPassage
    from groundtune.project.not_read import NotRead
    from groundtune.screens.built_json import StatsJson
    from rag.index.adopt_collection import Adoption
    from rag.index.verify_index import Health

_NAMED = 5
_WRONG = {
    "new": "documents not indexed yet",
    "changed": "documents changed since they were indexed",
    "gone": "indexed documents that are no longer there",
    "missing": "passages the store has lost",
    "stale": "passages in the store that belong to no document",
    "twice": "passages listed more than once",
    "altered": "passages altered in the store",
    "lost": "passages a search no longer finds",
}


def show_passages(hits: Sequence[ScoredPassage], console: Console) -> None:
    """Passages, best first, with where they stand and their scores."""
    if not hits:
        console.print("[yellow]The index is empty.[/]")
    for n, hit in enumerate(hits, 1):
        p = hit.passage
        scores = f"score {hit.score:.2f} · cosine {hit.similarity:.2f} · BM25 {hit.bm25:.1f}"
        console.print(f"[bold cyan]{n}[/]  {escape(place(p.source, p.page, p.label))}\n   [dim]{scores}[/]")
        console.print("\n".join(f"   {escape(line)}" for line in p.text.strip().splitlines()) + "\n")


def show_adopted(taken: Adoption, console: Console) -> None:
    """What was taken over, and whether its vectors could be kept."""
    console.print(f"[green]✓[/] {escape(taken.collection)}: {taken.records:,} texts of {taken.documents:,} documents")
    vectors = "kept: our embedder made them" if taken.vectors == "kept" else f"made anew ({taken.vectors})"
    console.print(f"  vectors {escape(vectors)}")
    if taken.without_text:
        console.print(f"  [yellow]![/] {taken.without_text:,} records hold no text and were left out")


def show_health(health: Health, not_read: NotRead, console: Console) -> None:
    """What is wrong with the index and how to mend it, or that nothing is; and what of the documents cannot be read."""
    show_not_read(not_read, console)
    if health.clean:
        console.print(
            "[green]✓[/] the index holds exactly its documents: nothing missing, nothing twice, nothing altered"
        )
        return
    if health.damage:
        console.print(f"[red]✗[/] {escape(health.damage)}")
    for name, problem in _WRONG.items():
        wrong: tuple[str, ...] = getattr(health, name)
        if wrong:
            console.print(f"[red]✗[/] {len(wrong)} {problem}: {some_of(wrong, _NAMED)}")
    console.print(f"  mend: groundtune index {'update' if health.sound else 'rebuild'}")


def show_stats(stats: Mapping[str, object], console: Console) -> None:
    """What the index holds, line by line."""
    report = cast("StatsJson", stats)
    tokens = report["tokens"]
    lines = {
        "documents": f"{report['documents']:,}",
        "passages": f"{report['passages']:,} (median {tokens['median']:.0f} tokens, longest {tokens['most']}, "
        f"{tokens['all']:,} in all)",
        "made with": f"{report['embedder']}, passages of at most {report['passage_tokens']} tokens",
        "on disk": f"{report['bytes'] / 2**20:,.1f} MiB",
        "largest": ", ".join(f"{x['source']} ({x['passages']})" for x in report["largest"]),
    }
    if report["without_text"]:
        lines["without text"] = ", ".join(report["without_text"])
    for name, value in lines.items():
        console.print(f"[dim]{name:<13}[/]{escape(value)}")
