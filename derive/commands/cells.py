"""`derive cells`: the networks that come with the program."""

from __future__ import annotations

import argparse

from derive.commands.grammar import Commands, command_of


def add(commands: Commands) -> None:
    """Its part of the command line's grammar."""
    command_of(commands, "cells", does="list the networks that come with the program")


def run(options: argparse.Namespace) -> int:
    """`derive cells`"""
    from derive import api

    for name in api.cells():
        network = api.load(name)
        print(f"{name:10} {network.model.title}; parameters {', '.join(network.parameters)}")
    return 0
