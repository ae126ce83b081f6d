"""A document's page, and its bytes."""

from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from parvis.core.files.blobs import path_of
from parvis.core.files.forms_of import SHOWN_INLINE
from parvis.core.files.queries import document_for, newest_version, where_attached
from parvis.core.items.kinds import cards
from parvis.core.people.requests import PersonRequest


@require_GET
def show_document(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """What a document is, who brought it, and the conversations that it is attached to."""
    document = document_for(request.viewer, key)
    (card,) = cards(request.viewer, [document])
    context = {
        "card": card,
        "document": document,
        "attached": cards(request.viewer, where_attached(request.viewer, document)),
    }
    return render(request, "files/page.html", context)


@require_GET
def send_file(request: PersonRequest, network: str, key: str) -> HttpResponseBase:
    """The bytes of a document's newest version: pictures are shown, all else is only kept by the browser.

    Whatever they hold, they run nothing: no sniffing, a sandbox without rights.
    """
    version = newest_version(document_for(request.viewer, key))
    tag = f'"{version.blob_id}"'
    known = request.headers.get("If-None-Match", "")
    answer: HttpResponseBase
    if tag in known:
        answer = HttpResponseNotModified()
    else:
        inline = version.media_type in SHOWN_INLINE
        answer = FileResponse(
            path_of(version.blob_id).open("rb"),
            as_attachment=not inline,
            filename=version.name,
            content_type=version.media_type if inline else "application/octet-stream",
        )
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, max-age=0, must-revalidate"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
