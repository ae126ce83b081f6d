"""The story's pictures, drawn with Pillow in the colours of Parvis: a bar chart, a cloud of points, a cutting plan."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from parvis.exchange.demo.typography import typeset

_PAPER, _INK, _FAINT, _GREEN, _OCHRE = "#fbfaf7", "#2b2a27", "#d9d5cc", "#1f6f5c", "#b7791f"
_WIDTH, _HEIGHT = 960, 540
_HIGH = 54  # of a part on the cutting plan


def _sheet(title: str, height: int = _HEIGHT) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (_WIDTH, height), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((48, 32), _said(title), fill=_INK, font=_font(26))
    return image, draw


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _said(text: str) -> str:
    """Text for a picture: its lines never break.  Raises ValueError for a letter that Pillow's own font lacks."""
    plain = typeset(text, "fr").replace("\u202f", " ").replace("\u00a0", " ")
    if not plain.replace("’", "").isascii():
        raise ValueError(f"no accents in a picture: {text}")
    return plain


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def bars(title: str, values: Sequence[tuple[str, float]]) -> bytes:
    """A bar for each (name, value); the last one stands out."""
    image, draw = _sheet(title)
    foot, top, step = 450, 120, (_WIDTH - 96) // len(values)
    highest = max(value for _, value in values)
    draw.line((48, foot, _WIDTH - 48, foot), fill=_INK, width=2)
    for number, (name, value) in enumerate(values):
        left, height = 48 + number * step + step // 5, int((foot - top) * value / highest)
        colour = _GREEN if number == len(values) - 1 else _FAINT
        draw.rectangle((left, foot - height, left + step * 3 // 5, foot), fill=colour)
        middle = left + step * 3 // 10
        draw.text(
            (middle, foot - height - 18), f"{value:.1f}".replace(".", ","), fill=_INK, font=_font(20), anchor="mm"
        )
        draw.text((middle, foot + 24), _said(name), fill=_INK, font=_font(18), anchor="mm")
    return _png(image)


def scatter(
    title: str,
    across: str,
    up: str,
    points: Sequence[tuple[float, float]],
    xs: tuple[int, int],
    ys: tuple[int, int],
) -> bytes:
    """A cloud of points with both axes named.  xs, ys: lowest and highest value of each axis."""
    image, draw = _sheet(title)
    left, right, top, foot = 100, _WIDTH - 60, 100, 450
    for value in range(xs[0], xs[1] + 1):
        x = left + (right - left) * (value - xs[0]) / (xs[1] - xs[0])
        draw.text((x, foot + 18), str(value), fill=_INK, font=_font(17), anchor="mm")
    for value in range(ys[0], ys[1] + 1, 5):
        y = foot - (foot - top) * (value - ys[0]) / (ys[1] - ys[0])
        draw.line((left, y, right, y), fill=_FAINT, width=1)
        draw.text((left - 14, y), str(value), fill=_INK, font=_font(17), anchor="rm")
    draw.line((left, foot, right, foot), fill=_INK, width=2)
    draw.text(((left + right) / 2, foot + 52), _said(across), fill=_INK, font=_font(18), anchor="mm")
    draw.text((left - 52, top - 22), _said(up), fill=_INK, font=_font(18), anchor="lm")
    for across_, up_ in points:
        x = left + (right - left) * (across_ - xs[0]) / (xs[1] - xs[0])
        y = foot - (foot - top) * (min(up_, ys[1]) - ys[0]) / (ys[1] - ys[0])
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_OCHRE if up_ > 5 else _GREEN)
    return _png(image)


def cutting_plan() -> bytes:
    """One sheet of the same order laid out twice; what is pale is lost, what is framed is kept for another day."""
    image, draw = _sheet("Une feuille de la commande du soir", 700)
    for number, (name, gap, kept) in enumerate([("Avant", 14, 0), ("Maintenant", 3, 28)]):
        top = 130 + number * 290
        draw.rectangle((48, top, 912, top + 240), fill=_FAINT, outline=_INK, width=2)
        used = _lay(draw, (54, top + 5, 906 - kept, top + 236), gap) / (864 * 240)
        draw.text((48, top - 32), _said(f"{name} : {used:.0%} utile".replace("%", " %")), fill=_INK, font=_font(20))
        if kept:
            draw.rectangle((906 - kept + 4, top + 6, 906, top + 234), fill=_PAPER, outline=_GREEN, width=2)
    return _png(image)


def _lay(draw: ImageDraw.ImageDraw, within: tuple[int, int, int, int], gap: int) -> int:
    """Parts in four rows from the left, `gap` pixels apart across. Returns their area in square pixels."""
    chance = random.Random("order")
    left, top, right, _foot = within
    area = 0
    for row in range(4):
        x, y = left, top + row * 59
        while fitting := [width for width in (44, 62, 88, 118) if x + width <= right]:
            width = chance.choice(fitting)
            draw.rectangle((x, y, x + width, y + _HIGH), fill=_GREEN)
            if width > 80:
                draw.ellipse((x + width // 2 - 12, y + 15, x + width // 2 + 12, y + 39), fill=_FAINT)
            x, area = x + width + gap, area + width * _HIGH
    return area
