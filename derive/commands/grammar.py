"""What the commands share in the grammar of the command line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Commands = object


def command_of(
    commands: Commands, name: str, *, does: str, description: str | None = None, epilog: str | None = None
) -> argparse.ArgumentParser:
    """A command, to be given its arguments."""
    command = commands.add_parser(
        name,
        help=does,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(command=name)
    return command


def add_activation(command: argparse.ArgumentParser) -> None:
    """Which function an abstract one is."""
    command.add_argument(
        "--activation",
        default="f",
        choices=("f", "tanh", "sigmoid", "relu", "identity"),
        help="in the place of an abstract f",
    )


def add_manner(command: argparse.ArgumentParser) -> None:
    """What network and how it is written."""
    add_activation(command)
    command.add_argument(
        "--slopes",
        default="value",
        choices=("value", "prime"),
        help="tanh'(a_t) by the value, 1 - s_t^2 (default), or with a prime",
    )
    command.add_argument(
        "--entrywise",
        choices=("diag", "hadamard"),
        help="u ⊙ v or diag(u) v; as is usual for the form if left out",
    )
