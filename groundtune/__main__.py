"""The command ``groundtune``: starts the command line. Imports nothing that takes time before Ctrl-C is provided for."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it as quietly as later."""
    try:
        from corpus.python_process import own_paths

        sys.path[:] = own_paths(sys.path)  # what lies in the user's folder under a room's name is not a room
        from groundtune.cli.main import main as run
    except KeyboardInterrupt:
        print("\ngroundtune: stopped", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
