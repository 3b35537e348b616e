"""Products: the first forty as they are, the others from data/products."""

import itertools
from decimal import Decimal

import options
from data import lines, names, read

# Aisles in the order in which the shop opened them: SKUs count on through them.
_AISLES = ["drinkware", "coffee-tea", "cookware", "knives", "lighting", "textiles", "storage", "decor", "baking",
           "tableware", "bath", "plants"]


def products() -> list[dict]:
    """All products as records, without stock."""
    all_of_them = []
    for product in lines("first/products.jsonl"):
        all_of_them.append(_with_image(product))
    aisles = [f"products/{aisle}.toml" for aisle in _AISLES]
    if sorted(aisles) != names("products"):
        raise ValueError(f"_AISLES must list {names('products')}")
    for aisle in map(read, aisles):
        for key, value in aisle.items():
            if isinstance(value, dict):
                number = len(all_of_them) + 1
                all_of_them.append(_with_image(_product(key, value, aisle["category"], f"{aisle['sku']}-{number:04}")))
    return all_of_them


def drawings() -> dict[str, dict]:
    """How each product is drawn, by id: "draw", and "paint" where no option says a color."""
    drawn = dict(read("first/pictures.toml"))
    for name in names("products"):
        drawn.update((key, value) for key, value in read(name).items() if isinstance(value, dict))
    return drawn


def _with_image(product: dict) -> dict:
    fields = {}
    for key, value in product.items():
        fields[key] = value
        if key == "attributes":
            fields["image"] = f"images/{product['id']}.svg"
    return fields


def _product(key: str, p: dict, category: list[str], sku: str) -> dict:
    choices = p.get("options", {})
    return {
        "id": key, "title": p["title"][0], "brand": p["brand"], "description": p["about"][0], "category": category,
        "attributes": {name: told[0] for name, told in p.get("facts", {}).items()},
        "translations": {"zh": {
            "title": p["title"][1], "description": p["about"][1],
            "options": {name: {value: options.chinese(value) for value in values} for name, values in choices.items()},
            "attributes": {name: told[1] for name, told in p.get("facts", {}).items()}}},
        "variants": _variants(p, choices, sku)}


def _variants(p: dict, choices: dict, sku: str) -> list[dict]:
    never = set(p.get("never", []))
    made = []
    for values in itertools.product(*choices.values()):
        if " ".join(values) in never:
            never.remove(" ".join(values))
            continue
        price = Decimal(p.get("price", "0"))
        for prices, value in zip(choices.values(), values):
            if isinstance(prices, dict):
                price += Decimal(prices[value])
            price += Decimal(p.get("extra", {}).get(value, "0"))
        made.append({"sku": "-".join([sku, *map(options.code, values)]), "options": dict(zip(choices, values)),
                     "price": f"{price:.2f}", "currency": "USD"})
    if never or len({v["sku"] for v in made}) != len(made):
        raise ValueError(f"{p['title'][0]}: no such variant as {never}, or two with one SKU")
    return made
