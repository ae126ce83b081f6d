"""The code and the catalogues compared: brought together by `update_all`, judged by `find_problems`."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message

from parvis.web.i18n.catalogues import LANGUAGES, PACKAGE, apps, po_path, read, write
from parvis.web.i18n.extract import Text, texts_of

_PLACEHOLDER = re.compile(r"%\([^)]*\)[a-z]|%[sd]|\{\w*\}")
_MARKUP = re.compile(r"</?[a-z][a-z0-9]*|&[a-z]+;")
_ENTITY_OR_ADDRESS = re.compile(r"&#?\w+;|\w+://\S+|%\([^)]*\)[a-z]")
_FRENCH = (
    (re.compile(r" [:;?!»]|« "), "an ordinary space stands where a no-break one must (U+00A0 or U+202F)"),
    (re.compile(r"[^\W\d_][;?](?=\s|$)|[^\W\d_]:(?=\s)|[^\W\d_]»|«[^\W\d_]"), "a no-break space is missing"),
    (re.compile("!"), "no exclamation"),
    (re.compile(r'"'), "quotes are « … » in French"),
)


def update_all(package: Path = PACKAGE) -> dict[str, int]:
    """Brings every catalogue up to date with the code: new texts empty, dead ones gone, none guessed.

    Returns how many are to be translated, by app.
    """
    to_do: Counter[str] = Counter()
    for app in apps(package):
        texts = texts_of(app)
        for language in LANGUAGES:
            path = po_path(app, language)
            old, new = read(path, language), Catalog(locale=language)
            for text in texts:
                known = _find(old, text)
                message = new.add(
                    (text.text, text.plural) if text.plural else text.text,
                    known.string if known and not known.fuzzy else "",
                    user_comments=known.user_comments if known else (),
                    context=text.context or None,
                )
                to_do[_name(app)] += not _is_translated(message)
            write(path, new)
    return dict(to_do)


def find_problems(package: Path = PACKAGE) -> list[str]:
    """One line for each text that is missing, dead, untranslated, guessed or ill-formed in a catalogue."""
    problems = []
    seen: dict[tuple[str, str, str], tuple[str, object]] = {}
    for app in apps(package):
        texts = texts_of(app)
        for language in LANGUAGES:
            path = po_path(app, language)
            catalog = read(path, language)
            where = f"{_name(app)} ({language})"
            missing = [text for text in texts if _find(catalog, text) is None]
            problems += [f"{where}: missing, run `extract`: {text.text!r}" for text in sorted(missing, key=repr)]
            for message in catalog:
                if not message.id:
                    continue
                text = _text(message)
                for problem in _judge(message, language) if text in texts else ["no longer in the code, run `extract`"]:
                    problems.append(f"{where}: {problem}: {text.text!r}")
                # Django merges the catalogues of all apps: of two translations one would silently win.
                key = (language, text.context, text.text)
                other, string = seen.setdefault(key, (where, message.string))
                if string != message.string:
                    problems.append(f"{where}: translated otherwise in {other}, give one a context: {text.text!r}")
    return problems


def _judge(message: Message, language: str) -> Iterator[str]:
    if message.fuzzy:
        yield "marked fuzzy"
    if not _is_translated(message):
        yield "not translated"
        return
    sources = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    strings = list(message.string) if isinstance(message.string, tuple | list) else [message.string or ""]
    for position, string in enumerate(strings):
        # A singular may leave out the number that its plural tells; nothing may be named that the code does not give.
        wanted, found = (set(_PLACEHOLDER.findall(text)) for text in (sources[min(position, len(sources) - 1)], string))
        offered = {name for source in sources for name in _PLACEHOLDER.findall(source)}
        optional = offered if len(sources) > 1 and position == 0 else set()
        if not (wanted - optional <= found <= offered):
            yield f"placeholders differ ({', '.join(sorted(wanted ^ found))})"
        if Counter(_MARKUP.findall(sources[min(position, len(sources) - 1)])) != Counter(_MARKUP.findall(string)):
            yield "markup differs"
        if language == "fr":
            plain = re.sub(r"<[^>]*>", "", _ENTITY_OR_ADDRESS.sub("x", string))
            for wrong, problem in _FRENCH:
                if wrong.search(plain):
                    yield problem


def _find(catalog: Catalog, text: Text) -> Message | None:
    found = catalog.get(text.text, text.context or None)
    return found if found is not None and _text(found) == text else None


def _text(message: Message) -> Text:
    forms = list(message.id) if isinstance(message.id, tuple | list) else [message.id, ""]
    return Text(forms[0], forms[1], message.context or "")


def _is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _name(app: Path) -> str:
    return ".".join(app.parts[-2:]) if app.name != "web" else "web"
