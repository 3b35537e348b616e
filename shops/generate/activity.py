"""A year of what shoppers did: the first rows, what led to each order, and everybody else.

Guests ("guest-0001") buy at the till or without an account; their orders are in the till's
books and not among the records.
"""

import datetime

from data import rows
from demand import TODAY, Demand
from dice import Dice

HEADING = ["customer", "product", "kind", "quantity", "price", "time"]
_GUESTS, _SESSIONS = 900, 5600
_END = datetime.datetime.combine(TODAY, datetime.time(2))
_ZONES = {"US": -7, "CN": 8}


class _Book:
    """Rows by who, what and when: what happens twice in a second is one row of two."""

    def __init__(self):
        self.rows = {}

    def write(self, customer, product, kind, quantity, price, time) -> None:
        key = time, customer, product, kind
        if key in self.rows:
            quantity += self.rows[key][0]
        self.rows[key] = quantity, price

    def sorted(self) -> list[dict]:
        return [dict(zip(HEADING, (customer, product, kind, quantity, price, time)))
                for (time, customer, product, kind), (quantity, price) in sorted(self.rows.items())]


def activity(demand: Demand, customers: list[dict], orders: list[dict], dice: Dice) -> list[dict]:
    book = _Book()
    first = rows("first/activity.csv")
    for row in first:
        book.write(row["customer"], row["product"], row["kind"], int(row["quantity"]), row["price"], row["time"])
    written = {row["customer"] for row in first}
    for order in orders:
        if order["customer"] not in written:
            _before_an_order(book, order, dice)
    people = [(c["id"], _ZONES[c["address"]["country"]]) for c in customers if c["id"] not in written]
    people = [(who, zone, demand.likes(dice), 3) for who, zone in people]
    people += [(f"guest-{i:04}", dice.one([-7, -7, 8]), demand.likes(dice), 1) for i in range(1, _GUESTS + 1)]
    often = [person for person in people for _ in range(person[3])]
    for _ in range(_SESSIONS):
        who, zone, likes, _ = dice.one(often)
        _visit(book, demand, who, zone, likes, dice)
    return book.sorted()


def _stamp(at: datetime.datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _before_an_order(book: _Book, order: dict, dice: Dice) -> None:
    """Looked at over some days, put into the cart, bought; some of it sent back."""
    placed = datetime.datetime.fromisoformat(order["placed_at"]).replace(tzinfo=None)
    who = order["customer"]
    bought: dict[tuple[str, str], int] = {}
    for item in order["items"]:
        key = item["product"], item["price"]
        bought[key] = bought.get(key, 0) + item["quantity"]
    for (product, price), quantity in bought.items():
        for _ in range(dice.whole(0, 2)):
            earlier = placed - datetime.timedelta(minutes=dice.whole(60, 6 * 24 * 60))
            book.write(who, product, "view", 1, price, _stamp(earlier))
        into_cart = placed - datetime.timedelta(seconds=dice.whole(90, 1500))
        book.write(who, product, "view", 1, price, _stamp(into_cart - datetime.timedelta(seconds=dice.whole(15, 200))))
        book.write(who, product, "cart", quantity, price, _stamp(into_cart))
        if order["status"] != "cancelled":
            book.write(who, product, "purchase", quantity, price, order["placed_at"])
    back = placed + datetime.timedelta(days=dice.whole(6, 9), seconds=dice.whole(0, 40000))
    back = min(back, _END - datetime.timedelta(minutes=dice.whole(5, 600)))
    for sku in order.get("returned_skus", []):
        item = next(i for i in order["items"] if i["sku"] == sku)
        book.write(who, item["product"], "return", 1, item["price"], _stamp(back))


def _visit(book: _Book, demand: Demand, who: str, zone: int, likes: frozenset, dice: Dice) -> None:
    """A shopper looks at a few things, wants some, and a guest may buy them."""
    at = demand.moment(dice, demand.day(dice), zone)
    last, cart = None, []
    for _ in range(1 + int(dice.share() ** 2 * 6)):
        product = (demand.partner(dice, last) if last and dice.happens(0.4) else None) or demand.product(dice, at.month, likes)
        variant = dice.one(product["variants"])
        last = product
        at += datetime.timedelta(seconds=dice.whole(12, 240))
        if at >= _END:
            return
        book.write(who, product["id"], "view", 1, variant["price"], _stamp(at))
        if variant["available"] and dice.happens(0.27):
            at += datetime.timedelta(seconds=dice.whole(8, 90))
            quantity = 2 if float(variant["price"]) < 25 and dice.happens(0.2) else 1
            book.write(who, product["id"], "cart", quantity, variant["price"], _stamp(at))
            cart.append((product["id"], quantity, variant["price"]))
    if who.startswith("guest") and cart and dice.happens(0.55):
        at += datetime.timedelta(seconds=dice.whole(60, 600))
        for product, quantity, price in cart:
            book.write(who, product, "purchase", quantity, price, _stamp(at))
        back = at + datetime.timedelta(days=dice.whole(4, 24), seconds=dice.whole(0, 30000))
        if back < _END and dice.happens(0.06):
            product, _, price = cart[0]
            book.write(who, product, "return", 1, price, _stamp(back))
