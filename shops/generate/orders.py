"""Orders: the first forty as they are, the others of the customers that came later.

The order numbers of both make one row in time. What an order has become depends on its age;
its payments, parcels and refunds follow from that.
"""

import datetime
from decimal import Decimal

from data import lines
from demand import FIRST_DAY, TODAY, Demand
from dice import Dice, Wheel

_BEFORE, _BETWEEN, _AFTER = 98, 46, 74  # new orders: before the first forty, in their gaps, after them
_LAST_NUMBER = 10328
_ZONES = {"US": -7, "CN": 8}
_FREE_SHIPPING = Decimal(50)    # an order of the shop's worth; smaller ones would show what the parcel cost
_PROMOTED = "Kettles, Coffee & Tea"  # cheaper from November on: records hold no reduced prices

# What an order has become, by its age in days: up to the first number, weights.
_FATES = [
    (3.2, {"pending": 80, "pending_items_modified": 14, "cancelled": 8}),
    (5, {"pending": 25, "pending_items_modified": 20, "processed": 55}),
    (8, {"processed": 35, "shipped": 65}),
    (12, {"shipped": 75, "delivered": 20, "cancelled": 5}),
    (40, {"delivered": 52, "return_requested": 22, "exchange_requested": 18, "cancelled": 8}),
    (400, {"delivered": 91, "cancelled": 9}),
]
_OPEN = {"pending", "pending_items_modified", "processed"}
_REASONS = ["no longer needed", "ordered by mistake"]


def orders(demand: Demand, customers: list[dict], dice: Dice) -> list[dict]:
    """All orders by number. New ones take only variants that can be had."""
    first = lines("first/orders.jsonl")
    known = {c["id"] for c in lines("first/customers.jsonl")}
    buyers = [c for c in customers if c["id"] not in known]
    eager = Wheel({i: 2.72 ** (0.7 * dice.bell()) for i in range(len(buyers))})
    likes = [demand.likes(dice) for _ in buyers]
    count = dict.fromkeys(range(len(buyers)), 0)
    made = []
    for number, at in _numbered(first, demand, dice):
        fate = _fate(at, dice)
        while True:
            who = eager.spin(dice)
            items = _items(demand, likes[who], at, fate, dice)
            # Old friends get something off large orders from November on.
            if count[who] < 3 or _total(items) <= 60 or at.date() < datetime.date(TODAY.year, 11, 1):
                break
        count[who] += 1
        made.append(_order(f"W{number}", buyers[who], at, fate, items, demand, dice))
    return sorted(first + made, key=lambda order: order["id"])


def _numbered(first: list[dict], demand: Demand, dice: Dice):
    """Free numbers with times (UTC): both rise, together with those of the first orders."""
    taken = [(int(o["id"][1:]), datetime.datetime.fromisoformat(o["placed_at"]).replace(tzinfo=None)) for o in first]
    begin = datetime.datetime.combine(FIRST_DAY, datetime.time(15))
    end = datetime.datetime.combine(TODAY, datetime.time(2))  # the evening before, at the shop
    marks = [(10000, begin), *taken, (_LAST_NUMBER + 1, end)]
    gaps = [range(a[0] + 1, b[0]) for a, b in zip(marks, marks[1:])]
    between = [number for gap in gaps[1:-1] for number in gap]
    numbers = [*dice.some(gaps[0], _BEFORE), *dice.some(between, _BETWEEN), *dice.some(gaps[-1], _AFTER)]
    for (low, since), (high, until) in zip(marks, marks[1:]):
        here = [n for n in numbers if low < n < high]
        yield from zip(here, sorted(_within(demand, since, until, dice) for _ in here))


def _within(demand: Demand, since: datetime.datetime, until: datetime.datetime, dice: Dice) -> datetime.datetime:
    """A time between two others; of a year's stretch, on days that people shop on."""
    if until - since < datetime.timedelta(days=30):
        return since + datetime.timedelta(seconds=int((until - since).total_seconds() * dice.share()))
    while True:
        at = demand.moment(dice, demand.day(dice), _ZONES["US"])
        if since < at < until:
            return at


def _age(at: datetime.datetime) -> float:
    return (datetime.datetime.combine(TODAY, datetime.time(15)) - at).total_seconds() / 86400


def _fate(at: datetime.datetime, dice: Dice) -> str:
    for limit, weights in _FATES:
        if _age(at) <= limit:
            return Wheel(weights).spin(dice)
    raise ValueError(f"{at}: older than every fate")


def _items(demand: Demand, likes: frozenset, at: datetime.datetime, fate: str, dice: Dice) -> list[dict]:
    """Lines for at least so much that the parcel is free."""
    items, last = [], None
    wanted = Wheel({1: 35, 2: 35, 3: 20, 4: 10}).spin(dice)
    while len(items) < wanted or _total(items) <= _FREE_SHIPPING:
        product = demand.partner(dice, last) if last and dice.happens(0.5) else None
        product = product or demand.product(dice, at.month, likes)
        variants = [v for v in product["variants"] if _may_sell(product, v, at, fate)]
        if not variants or product["id"] in {i["product"] for i in items} or len(items) >= 6:
            continue
        last, variant = product, dice.one(variants)
        quantity = Wheel({1: 82, 2: 14, 3: 4}).spin(dice) if float(variant["price"]) < 40 else 1
        items.append(_line(product, variant, quantity))
        if quantity == 1 and dice.happens(0.08):
            items.append(_line(product, dice.one(variants), 1))
    return items


def _may_sell(product: dict, variant: dict, at: datetime.datetime, fate: str) -> bool:
    made_to_order = variant.get("stock") is None
    first_forty = product["variants"][0]["sku"].split("-")[1] <= "0040"
    if at.date() >= datetime.date(TODAY.year, 11, 1) and product["category"][-1] == _PROMOTED:
        return False
    if fate in _OPEN:
        return variant["available"] and not first_forty  # the stock of those is counted already
    if fate == "exchange_requested":
        return sum(v["available"] for v in product["variants"]) > 2
    return not made_to_order or fate == "shipped" or _age(at) > 45


def _line(product: dict, variant: dict, quantity: int) -> dict:
    return {"sku": variant["sku"], "product": product["id"], "title": product["title"], "options": dict(variant["options"]),
            "price": variant["price"], "quantity": quantity}


def _total(items: list[dict]) -> Decimal:
    return sum((Decimal(i["price"]) * i["quantity"] for i in items), Decimal(0))


def _order(number: str, buyer: dict, at: datetime.datetime, fate: str, items: list[dict], demand: Demand, dice: Dice) -> dict:
    payments = _payments(buyer, _total(items), dice)
    order = {"id": number, "customer": buyer["id"], "placed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "status": fate,
             "address": dict(buyer["address"]), "items": items, "payments": payments, "shipments": []}
    if fate in ("processed", "shipped", "delivered", "return_requested", "exchange_requested"):
        order["shipments"] = _shipments(order, at, demand, dice)
    _BECOMES.get(fate, lambda *_: None)(order, buyer, demand, dice)
    return order


def _payments(buyer: dict, total: Decimal, dice: Dice) -> list[dict]:
    methods = [m["id"] for m in buyer["payment_methods"] if m["kind"] != "gift_card"]
    gifts = [m["id"] for m in buyer["payment_methods"] if m["kind"] == "gift_card"]
    payments = []
    if gifts and dice.happens(0.3):
        part = Decimal(dice.whole(2, 8) * 5)
        payments.append({"kind": "payment", "amount": f"{part:.2f}", "method": gifts[0]})
        total -= part
    payments.append({"kind": "payment", "amount": f"{total:.2f}", "method": dice.one(methods)})
    return payments


def _shipments(order: dict, at: datetime.datetime, demand: Demand, dice: Dice) -> list[dict]:
    """One parcel, or two: what is made to order comes by itself, and heavy orders are split."""
    skus = list(dict.fromkeys(i["sku"] for i in order["items"]))
    stock = {v["sku"]: v.get("stock") for i in order["items"] for v in demand.products[i["product"]]["variants"]}
    later = [s for s in skus if stock[s] is None]
    parcels = [([s for s in skus if s not in later], 0), (later, 10)]
    if not later and len(skus) > 2 and dice.happens(0.3):
        parcels = [(skus[:2], 0), (skus[2:], 0)]
    made = []
    for held, wait in parcels:
        if held:
            parcel = {"tracking": [f"{dice.whole(10 ** 11, 10 ** 12 - 1)}"], "skus": held}
            if order["status"] == "shipped":
                left = _working_days(at.date(), dice.whole(1, 2))
                parcel["eta"] = _working_days(left, dice.whole(4, 5) + wait).isoformat()
            made.append(parcel)
    return made


def _working_days(day: datetime.date, n: int) -> datetime.date:
    """The day n working days later."""
    while n > 0:
        day += datetime.timedelta(days=1)
        n -= day.weekday() < 5
    return day


def _cancel(order: dict, buyer: dict, demand: Demand, dice: Dice) -> None:
    order["payments"] += [{**p, "kind": "refund"} for p in order["payments"]]
    order["cancel_reason"] = dice.one(_REASONS)


def _return(order: dict, buyer: dict, demand: Demand, dice: Dice) -> None:
    skus = [i["sku"] for i in order["items"] for _ in range(i["quantity"])]
    order["returned_skus"] = sorted(dice.some(skus, dice.whole(1, min(2, len(skus)))))
    gifts = [m["id"] for m in buyer["payment_methods"] if m["kind"] == "gift_card"]
    order["refund_method"] = gifts[0] if gifts and dice.happens(0.4) else order["payments"][-1]["method"]


def _exchange(order: dict, buyer: dict, demand: Demand, dice: Dice) -> None:
    item = dice.one(order["items"])
    order["exchanged"] = [{"from": item["sku"], "to": dice.one(_others(demand, item))["sku"]}]
    order["refund_method"] = order["payments"][-1]["method"]


def _modify(order: dict, buyer: dict, demand: Demand, dice: Dice) -> None:
    """One item was swapped for another variant; what it costs more or less was settled."""
    changeable = [i for i in order["items"] if _others(demand, i)]
    if not changeable:
        order["status"] = "pending"
        return
    item = dice.one(changeable)
    bought = dice.one(_others(demand, item))
    more = (Decimal(bought["price"]) - Decimal(item["price"])) * item["quantity"]
    item.update(sku=bought["sku"], options=dict(bought["options"]), price=bought["price"])
    if more:
        order["payments"].append({"kind": "payment" if more > 0 else "refund", "amount": f"{abs(more):.2f}",
                                  "method": order["payments"][-1]["method"]})


def _others(demand: Demand, item: dict) -> list[dict]:
    """What an item may be swapped for."""
    return [v for v in demand.products[item["product"]]["variants"] if v["available"] and v["sku"] != item["sku"]]


_BECOMES = {"cancelled": _cancel, "return_requested": _return, "exchange_requested": _exchange, "pending_items_modified": _modify}
