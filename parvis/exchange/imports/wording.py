"""What an import says to whoever runs it, in their language."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from parvis.exchange.imports.destination import Refused
from parvis.exchange.imports.engine import Progress
from parvis.exchange.imports.models import ImportRun
from parvis.exchange.imports.records import ArchiveError, GroupRecord, Problem, Visibility

_NAMES_SHOWN = 8


def of_error(error: ArchiveError | Refused) -> str:
    """Why an archive cannot be read, or an import cannot begin."""
    return gettext(error.reason) % error.values if error.values else gettext(error.reason)


def going_on() -> str:
    """Said when a run that was cut is taken up again."""
    return gettext("Going on where the last import of this archive stopped.")


def question() -> str:
    """Asked before anything is written."""
    return gettext("Import? [y/N]") + " "


def needs_yes() -> str:
    """Said where nobody can be asked."""
    return gettext("Nothing is imported yet. There is no terminal to ask on: call again with --yes.")


def of_problem(problem: Problem) -> str:
    """One record that was skipped or mended, with its place."""
    reason = gettext(problem.reason)
    return f"{problem.place}: {reason % problem.values if problem.values else reason}"


def of_readers(groups: list[GroupRecord], members: int, owner: str) -> list[str]:
    """Who will read what is about to be imported, in numbers and names.  members: of the network.  owner: or ""."""
    public = [group.name for group in groups if group.visibility is Visibility.PUBLIC]
    closed = [group for group in groups if group.visibility is not Visibility.PUBLIC]
    lines = []
    if public:
        everyone = ngettext("Everyone (%(count)d person) will read:", "Everyone (%(count)d people) will read:", members)
        lines.append(f"{everyone % {'count': members}} {_listed(public)}")
    for group in closed[:_NAMES_SHOWN]:
        if group.members:
            text = ngettext(
                "Only its member there (%(count)d) will read: %(name)s",
                "Only its members there (%(count)d) will read: %(name)s",
                len(group.members),
            )
            lines.append(text % {"count": len(group.members), "name": group.name})
        else:
            text = gettext("Only %(owner)s will read, and whom they invite: %(name)s")
            lines.append(text % {"owner": owner or "—", "name": group.name})
    if len(closed) > _NAMES_SHOWN:
        more = len(closed) - _NAMES_SHOWN
        text = ngettext(
            "… and %(count)d more place, by its members only",
            "… and %(count)d more places, by their members only",
            more,
        )
        lines.append(text % {"count": more})
    lines.append(gettext("Direct messages: only those who took part. Nobody is notified."))
    return lines


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    return shown if len(names) <= _NAMES_SHOWN else f"{shown}… (+{len(names) - _NAMES_SHOWN})"


def of_progress(progress: Progress) -> str:
    """How far an import is, how fast, and what remains."""
    rate = progress.messages / progress.seconds if progress.seconds else 0.0
    share = progress.share
    gone = share - progress.share_before
    count = progress.run.threads + progress.run.answers + progress.run.known
    left = progress.seconds * (1 - share) / gone if gone > 0 else 0.0
    return gettext("%(percent)3d %% · %(messages)s · %(rate)d/s · %(left)s left") % {
        "percent": int(share * 100),
        "messages": ngettext("%(n)d message", "%(n)d messages", count) % {"n": count},
        "rate": int(rate),
        "left": f"{int(left) // 60}:{int(left) % 60:02}",
    }


def of_run(run: ImportRun, seconds: float) -> list[str]:
    """What an import came to."""
    said = [
        ngettext("%(n)d conversation", "%(n)d conversations", run.threads) % {"n": run.threads},
        ngettext("%(n)d answer", "%(n)d answers", run.answers) % {"n": run.answers},
        ngettext("%(n)d file", "%(n)d files", run.files) % {"n": run.files},
    ]
    made = [
        ngettext("%(n)d person", "%(n)d people", run.people) % {"n": run.people},
        ngettext("%(n)d community", "%(n)d communities", run.groups) % {"n": run.groups},
    ]
    lines = [
        gettext("Imported: %(said)s. Made for them: %(made)s. It took %(seconds)d s.")
        % {"said": ", ".join(said), "made": ", ".join(made), "seconds": int(seconds)}
    ]
    if run.known:
        lines.append(
            ngettext("%(count)d message was here already.", "%(count)d messages were here already.", run.known)
            % {"count": run.known}
        )
    if run.problems:
        lines.append(
            ngettext("%(count)d thing to note, told above.", "%(count)d things to note, told above.", run.problems)
            % {"count": run.problems}
        )
    return lines
