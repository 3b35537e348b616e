"""What people wrote by hand: word lists, products, people, habits."""

import csv
import json
import pathlib
import tomllib

_HERE = pathlib.Path(__file__).parent


def read(name: str) -> dict:
    """A TOML file."""
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


def lines(name: str) -> list[dict]:
    """A file of one JSON object a line."""
    return [json.loads(line) for line in (_HERE / name).read_text(encoding="utf-8").splitlines()]


def rows(name: str) -> list[dict]:
    """A CSV file."""
    with open(_HERE / name, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def names(folder: str) -> list[str]:
    """The TOML files of a folder, sorted."""
    return sorted(f"{folder}/{path.name}" for path in (_HERE / folder).glob("*.toml"))
