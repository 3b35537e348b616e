"""Pictures of products: a flat drawing by kind, in the colors of the variants."""

import options
from data import read
from products import drawings

_BACKDROPS = ["#e8efe9", "#f3ece0", "#e6edf3", "#f4e7e3", "#ece8f1", "#eef0dd"]
_DEEPER = ["#bfd0c4", "#d8c8ad", "#b9c9d7", "#dbbfb5", "#c5bcd3", "#cdd1ae"]  # behind what is white
_FIXED = {"$s": "#c3c8cc", "$w": "#c79d64", "$k": "#45423f", "$g": "#e7f0f1", "$f": "#6f9a63"}
_FLOOR = '<ellipse cx="100" cy="169" rx="66" ry="7" fill="#000" opacity=".08"/>'


def pictures(products: list[dict]) -> dict[str, str]:
    """SVG by product id."""
    shapes, drawn = read("shapes.toml"), drawings()
    return {p["id"]: _picture(i, p, drawn[p["id"]], shapes) for i, p in enumerate(products)}


def _picture(number: int, product: dict, drawn: dict, shapes: dict) -> str:
    colors = _colors(product) or [options.paint(drawn["paint"])]
    main = colors[0]
    shape = shapes[drawn["draw"]]
    art = shape["art"]
    for mark, color in {**_FIXED, "$m": main, "$d": _mix(main, "#2b2620", 0.22), "$l": _mix(main, "#ffffff", 0.38)}.items():
        art = art.replace(mark, color)
    return "".join([
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">',
        f'<rect width="200" height="200" fill="{_backdrop(number, main)}"/>',
        "" if shape.get("hangs") else _FLOOR, art, _swatches(colors), "</svg>\n"])


def _colors(product: dict) -> list[str]:
    """The paints of the first option that has some, each once."""
    for name in product["variants"][0]["options"]:
        paints = [options.paint(v["options"][name]) for v in product["variants"]]
        if all(paints):
            return list(dict.fromkeys(paints))
    return []


def _swatches(colors: list[str]) -> str:
    if len(colors) < 2:
        return ""
    left = 100 - 8 * (len(colors) - 1)
    return "".join(f'<circle cx="{left + 16 * i}" cy="187" r="5.5" fill="{color}" stroke="#fff" stroke-width="1.5"/>'
                   for i, color in enumerate(colors))


def _backdrop(number: int, main: str) -> str:
    """A tint that the color stands out from, another for each neighbour."""
    tints = _BACKDROPS if min(_channels(main)) < 210 else _DEEPER
    return tints[number % len(tints)]


def _channels(color: str) -> list[int]:
    return [int(color[i:i + 2], 16) for i in (1, 3, 5)]


def _mix(a: str, b: str, share: float) -> str:
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(_channels(a), _channels(b)))
