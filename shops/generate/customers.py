"""Customers: the first fifteen as they are, the others from names and places."""

from data import lines, read
from dice import Dice

_FIRST_NEW = 1016


def customers(dice: Dice) -> list[dict]:
    people, places = read("people.toml"), read("places.toml")
    english = [(first, last, f"{first}.{last}".lower(), place) for first, last, place in people["english"]]
    chinese = [(given, family, letters, place) for family, given, letters, place in people["chinese"]]
    made = lines("first/customers.jsonl")
    # The two lists take turns, in the ratio of their lengths.
    every = sorted([(i / len(english), 0, p) for i, p in enumerate(english)] + [(i / len(chinese), 1, p) for i, p in enumerate(chinese)])
    for number, (_, far, (first, last, mail, place)) in enumerate(every, _FIRST_NEW):
        home = places[place]
        customer = {"id": f"C{number}", "first_name": first, "last_name": last, "email": f"{mail}@example.com"}
        if dice.happens(0.7):
            customer["phone"] = f"+86 139 0000 {number - 800:04}" if far else f"+1 {home['area']}-555-01{number % 100:02}"
        customer["address"] = (_there if far else _here)(dice, place, home)
        customer["payment_methods"] = (_pays_there if far else _pays_here)(dice, number)
        customer["locale"] = "zh" if far else "en"
        made.append(customer)
    return made


def _here(dice: Dice, city: str, home: dict) -> dict:
    address = {"line1": f"{dice.whole(12, 4890)} {dice.one(home['streets'])}"}
    if dice.happens(0.4):
        address["line2"] = f"{dice.one(['Apt', 'Apt', 'Unit', 'Suite'])} {dice.whole(1, 28)}{dice.one(['', '', 'A', 'B'])}"
    return address | {"city": city, "region": home["region"], "postal_code": dice.one(home["codes"]), "country": "US"}


def _there(dice: Dice, city: str, home: dict) -> dict:
    address = {"line1": f"{dice.one(home['streets'])} {dice.whole(3, 480)} 号",
               "line2": f"{dice.whole(1, 18)} 栋 {dice.whole(2, 24)}{dice.whole(1, 4):02} 室"}
    return address | {"city": city, "region": home["region"], "postal_code": dice.one(home["codes"]), "country": "CN"}


def _pays_here(dice: Dice, number: int) -> list[dict]:
    methods = [_card(dice, dice.one(["visa", "visa", "mastercard", "amex"])), {"id": f"paypal_{number}", "kind": "paypal"}]
    methods = methods[:1] if dice.happens(0.5) else methods[::-1] if dice.happens(0.5) else methods[1:]
    return methods + _gift_card(dice, 0.3)


def _pays_there(dice: Dice, number: int) -> list[dict]:
    wallets = [{"id": f"alipay_{number}", "kind": "alipay"}, {"id": f"wechat_pay_{number}", "kind": "wechat_pay"}]
    methods = [dice.one(wallets)] if dice.happens(0.7) else wallets
    if dice.happens(0.3):
        methods = methods + [_card(dice, "unionpay")]
    return methods + _gift_card(dice, 0.25)


def _card(dice: Dice, brand: str) -> dict:
    digits = f"{dice.whole(0, 9999):04}"
    return {"id": f"credit_card_{digits}", "kind": "credit_card", "brand": brand, "last_four": digits}


def _gift_card(dice: Dice, chance: float) -> list[dict]:
    if not dice.happens(chance):
        return []
    return [{"id": f"gift_card_{dice.whole(1000, 9999)}", "kind": "gift_card", "balance": f"{dice.whole(2, 60) * 5 / 2:.2f}"}]
