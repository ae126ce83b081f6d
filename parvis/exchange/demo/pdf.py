"""A page of text as PDF 1.4, with the fonts that every reader has. Enough for the story's sheets, not a PDF library."""

from __future__ import annotations

from collections.abc import Sequence

from parvis.exchange.demo.typography import typeset

_LEFT, _TOP, _COLUMN = 64, 770, 108  # points


def document(title: str, lines: Sequence[str]) -> bytes:
    """One A4 page.  lines: text; `# ` a heading, `| a|b` a row of a table, `* ` bold; too many for a page raise ValueError."""
    drawn = [_show(typeset(title, "fr"), _LEFT, _TOP, "F2", 17)]
    y = _TOP - 34
    for line in lines:
        mark, text = (line[0], line[2:]) if line[:2] in {"# ", "| ", "* "} else ("", line)
        text = typeset(text, "fr")
        if mark == "#":
            y -= 12
            drawn.append(_show(text, _LEFT, y, "F2", 12))
        elif mark == "|":
            drawn += [_show(cell, _LEFT + i * _COLUMN, y, "F1", 10) for i, cell in enumerate(text.split("|"))]
        else:
            drawn.append(_show(text, _LEFT, y, "F2" if mark else "F1", 10))
        y -= 18
    if y < 40:
        raise ValueError(f"too long for one page: {title}")
    return _file("\n".join(drawn).encode("cp1252"), typeset(title, "fr"))


def _show(text: str, x: int, y: int, font: str, size: int) -> str:
    # The fonts' encoding knows the ordinary no-break space only.
    escaped = text.replace("\u202f", "\u00a0").replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET"


def _file(content: bytes, title: str) -> bytes:
    name = title.encode("utf-16").hex()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (fr-FR) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R "
        b"/Resources << /Font << /F1 4 0 R /F2 5 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Title <%b> >>" % name.encode(),
    ]
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
