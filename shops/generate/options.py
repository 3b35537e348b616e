"""Values of options: their Chinese, their part in a SKU, their paint in a picture."""

import re

from data import read

_words = read("words.toml")
PAINT, VALUE = _words["paint"], _words["value"]

# Amounts translate by their unit: "500 ml", "30 × 40 cm".
_UNITS = {"ml": "毫升", "l": "升", "cm": "厘米", "m": "米", "inch": "英寸", "lb": "磅"}
_AMOUNT = re.compile(r"([\d.]+(?: × [\d.]+)?) (\w+)")


def _amount(value: str):
    found = _AMOUNT.fullmatch(value)
    if not found or found[2] not in _UNITS:
        raise ValueError(f"words.toml doesn't know the option value {value!r}")
    return found[1], found[2]


def chinese(value: str) -> str:
    known = PAINT.get(value) or VALUE.get(value)
    if known:
        return known["zh"]
    number, unit = _amount(value)
    return f"{number} {_UNITS[unit]}"


def code(value: str) -> str:
    known = PAINT.get(value) or VALUE.get(value)
    if known:
        return known["code"]
    number, unit = _amount(value)
    number = number.replace(" × ", "X").replace(".", "")
    return number if unit in ("ml", "cm") else number + {"inch": "IN"}.get(unit, unit.upper())


def paint(value: str) -> str | None:
    """The value's color as "#rrggbb", if it has one."""
    return (PAINT.get(value) or VALUE.get(value) or {}).get("hex")
