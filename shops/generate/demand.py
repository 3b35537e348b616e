"""What is wanted when: popular products, seasons, hours of the day, things that go together."""

import datetime

from data import read
from dice import Dice, Wheel

_HABITS = read("habits.toml")
TODAY: datetime.date = _HABITS["today"]
FIRST_DAY = TODAY - datetime.timedelta(days=364)


class Demand:
    """Draws days, hours and products as shoppers would."""

    def __init__(self, products: list[dict], seed: int):
        dice = Dice(seed, "popularity")
        self.products = {p["id"]: p for p in products}
        self.popularity = {p["id"]: 2.72 ** (0.8 * dice.bell()) for p in products}
        self.partners = {}
        for row in _HABITS["together"]["rows"]:
            for product in row:
                others = [other for other in row if other != product]
                self.partners.setdefault(product, []).extend(others)
        unknown = set(self.partners) - set(self.products)
        if unknown:
            raise ValueError(f"habits.toml: no such products as {sorted(unknown)}")
        days = [FIRST_DAY + datetime.timedelta(days=i) for i in range(364)]
        self._days = Wheel({day: _HABITS["month"][day.month - 1] * _HABITS["weekday"][day.weekday()] * (0.7 + 0.6 * i / 364)
                            for i, day in enumerate(days)})
        self._hours = Wheel(dict(enumerate(_HABITS["hour"])))
        self._wheels = {}

    def day(self, dice: Dice) -> datetime.date:
        return self._days.spin(dice)

    def moment(self, dice: Dice, day: datetime.date, zone: int) -> datetime.datetime:
        """A time (UTC) on a day as it is counted zone hours east of Greenwich."""
        clock = datetime.time(self._hours.spin(dice), dice.whole(0, 59), dice.whole(0, 59))
        return datetime.datetime.combine(day, clock) - datetime.timedelta(hours=zone)

    def product(self, dice: Dice, month: int, likes: frozenset[str]) -> dict:
        """A product for someone who likes some categories more than others."""
        key = month, likes
        if key not in self._wheels:
            self._wheels[key] = Wheel({p: w * self._season(p, month) * (6 if self._aisle(p) in likes else 1)
                                       for p, w in self.popularity.items()})
        return self.products[self._wheels[key].spin(dice)]

    def partner(self, dice: Dice, product: dict) -> dict | None:
        """Something that goes with a product, if anything is known to."""
        partners = self.partners.get(product["id"])
        return self.products[dice.one(partners)] if partners else None

    def likes(self, dice: Dice) -> frozenset[str]:
        """Two or three categories that a person comes back for."""
        aisles = list(dict.fromkeys(p["category"][-1] for p in self.products.values()))
        return frozenset(dice.some(aisles, dice.whole(2, 3)))

    def _aisle(self, product: str) -> str:
        return self.products[product]["category"][-1]

    def _season(self, product: str, month: int) -> float:
        return _HABITS["season"].get(self._aisle(product), [1] * 12)[month - 1]
