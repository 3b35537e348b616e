"""Chance that comes out the same everywhere: a stream of its own for each subject."""

import bisect
import itertools
import random


class Dice:
    """Draws from one seeded stream.

    Only random() is used of the standard generator: its sequence is promised to stay the
    same in later Pythons, that of choice() and shuffle() is not.
    """

    def __init__(self, seed: int, subject: str):
        self._random = random.Random(f"{seed} {subject}").random

    def share(self) -> float:
        """A number from 0 up to 1."""
        return self._random()

    def happens(self, chance: float) -> bool:
        return self._random() < chance

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random() * (high - low + 1))

    def one(self, items):
        return items[int(self._random() * len(items))]

    def some(self, items, n: int) -> list:
        """n different items, in the order they had."""
        left = list(range(len(items)))
        drawn = sorted(left.pop(int(self._random() * len(left))) for _ in range(n))
        return [items[i] for i in drawn]

    def bell(self) -> float:
        """About normal: mean 0, deviation 1."""
        return sum(self._random() for _ in range(12)) - 6


class Wheel:
    """Draws items by weight."""

    def __init__(self, weights: dict):
        self.items = list(weights)
        self.sums = list(itertools.accumulate(weights.values()))

    def spin(self, dice: Dice):
        return self.items[bisect.bisect(self.sums, dice.share() * self.sums[-1])]
