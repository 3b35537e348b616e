"""What lies in the two places, and what of it is free to sell."""

import datetime

from data import read, rows
from dice import Dice

HEADING = ["sku", "location", "on_hand", "reserved", "incoming", "incoming_at"]
PLACES = {"US": "portland", "CN": "shanghai"}


def free_to_sell(products: list[dict], dice: Dice) -> dict[str, dict[str, int]]:
    """Pieces that no order waits for, by SKU and place, of the products after the first forty."""
    free = {}
    for product in products:
        for variant in product["variants"]:
            if "stock" in variant:
                continue  # one of the first forty
            price = float(variant["price"])
            typical = max(4, min(40, 420 / price))
            if dice.happens(0.07):
                portland, shanghai = 0, 0
            else:
                portland = max(1, round(typical * (0.4 + 0.9 * dice.share())))
                shanghai = round(portland * (0.25 + 0.5 * dice.share()))
            free[variant["sku"]] = {"portland": portland, "shanghai": shanghai}
    return free


def fill(products: list[dict], free: dict) -> None:
    """Writes availability into the variants."""
    for product in products:
        for variant in product["variants"]:
            if variant["sku"] in free:
                n = sum(free[variant["sku"]].values())
                variant["available"], variant["stock"] = n > 0, n


def levels(free: dict, orders: list[dict], dice: Dice) -> list[dict]:
    """Rows of stock.csv: the first ones as they are, the others with what open orders reserve."""
    waiting = _reserved(orders)
    today = read("habits.toml")["today"]
    made = rows("first/stock.csv")
    for sku, places in free.items():
        low = sum(places.values()) < 6
        comes = low and dice.happens(0.8)
        due = today + datetime.timedelta(days=dice.whole(4, 30))
        for place, n in places.items():
            reserved = waiting.get((sku, place), 0)
            incoming = dice.whole(2, 6) * 6 if comes and place == "portland" else 0
            made.append({"sku": sku, "location": place, "on_hand": n + reserved, "reserved": reserved,
                         "incoming": incoming, "incoming_at": due.isoformat() if incoming else ""})
    return made


def _reserved(orders: list[dict]) -> dict[tuple[str, str], int]:
    waiting = {}
    for order in orders:
        if order["status"] in ("pending", "pending_items_modified", "processed"):
            for item in order["items"]:
                key = item["sku"], PLACES[order["address"]["country"]]
                waiting[key] = waiting.get(key, 0) + item["quantity"]
    return waiting
