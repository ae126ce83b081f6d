"""The files: which app has which catalogue, how one is read, written and compiled."""

import io
import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[2]
LANGUAGES = ("fr",)  # English is in the code

# No dates, no names: a catalogue changes only when a text does, so that two branches seldom meet in one line.
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def apps(package: Path = PACKAGE) -> list[Path]:
    """The folders that have a catalogue of their own: every app of every room, and `web` as a whole."""
    inner = [path.parent for path in package.glob("*/*/__init__.py") if path.parts[-3] != "web"]
    return sorted([*inner, package / "web"])


def po_path(app: Path, language: str) -> Path:
    """Where the catalogue of `app` is."""
    return app / "locale" / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    """The catalogue in `path`, an empty one where there is no file. Raises babel's PoFileError for a broken one."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True, abort_invalid=True)


def write(path: Path, catalog: Catalog) -> None:
    """Writes `catalog` in one stable order, only if the text of the file changes; an empty one has no file."""
    if not len(catalog):
        path.unlink(missing_ok=True)
        return
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, sort_output=True, no_location=True, ignore_obsolete=True, width=0)
    text = (
        _HEADER.format(language=catalog.locale_identifier, plural_forms=catalog.plural_forms) + body.getvalue().decode()
    )
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def compile_all(package: Path = PACKAGE) -> None:
    """Makes the `.mo` beside each `.po` that is newer than it. Several processes may do so at once."""
    for po in sorted(package.glob("**/locale/*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        # The same instant as its source, not later: a source that is replaced by an older one counts as changed too.
        if mo.exists() and mo.stat().st_mtime_ns == po.stat().st_mtime_ns:
            continue
        fresh = mo.with_suffix(f".{os.getpid()}.new")
        changed = po.stat()
        with fresh.open("wb") as file:
            write_mo(file, read(po, po.parts[-3]))
        os.utime(fresh, ns=(changed.st_atime_ns, changed.st_mtime_ns))
        fresh.replace(mo)
