"""Makes the demo shop's records and pictures.

    python3 shops/generate --out shops/demo [--seed 20261124]

The same seed makes the same files, byte for byte. What people wrote by hand is under data/;
shop.yaml, knowledge and the other files of the shop folder are written by hand altogether.
Needs Python 3.11 and nothing else.
"""

import argparse
import csv
import io
import json
import pathlib

import activity
import stock
from customers import customers
from demand import Demand
from dice import Dice
from orders import orders
from pictures import pictures
from products import products

SEED = 20261124


def make(seed: int) -> dict[str, str]:
    """The shop's files by name."""
    goods = products()
    free = stock.free_to_sell(goods, Dice(seed, "stock"))
    stock.fill(goods, free)
    people = customers(Dice(seed, "customers"))
    demand = Demand(goods, seed)
    bought = orders(demand, people, Dice(seed, "orders"))
    files = {
        "products.jsonl": _lines(goods), "customers.jsonl": _lines(people), "orders.jsonl": _lines(bought),
        "stock.csv": _table(stock.HEADING, stock.levels(free, bought, Dice(seed, "deliveries"))),
        "activity.csv": _table(activity.HEADING, activity.activity(demand, people, bought, Dice(seed, "activity")))}
    for product, drawing in pictures(goods).items():
        files[f"images/{product}.svg"] = drawing
    return files


def _lines(records: list[dict]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _table(heading: list[str], table: list[dict]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, heading, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(prog="shops/generate", description=__doc__.split("\n")[0],
                                     epilog="Example: python3 shops/generate --out shops/demo")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the shop folder")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another seed makes another year (default {SEED})")
    chosen = parser.parse_args()
    for name, text in make(chosen.seed).items():
        path = chosen.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
