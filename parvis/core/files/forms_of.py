"""What a file is: its media type recognised from its first bytes and its name, and the form that people speak of."""

from __future__ import annotations

_BY_HEAD: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_OFFICE = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_OLE = {"ppt": "application/vnd.ms-powerpoint", "doc": "application/msword", "xls": "application/vnd.ms-excel"}
_TEXT = {"txt": "text/plain", "md": "text/markdown", "csv": "text/csv", "eml": "message/rfc822", "log": "text/plain"}

_FORMS = {
    "presentation": {_OFFICE["pptx"], _OFFICE["odp"], _OLE["ppt"]},
    "text": {_OFFICE["docx"], _OFFICE["odt"], _OLE["doc"], "text/plain", "text/markdown", "message/rfc822"},
    "spreadsheet": {_OFFICE["xlsx"], _OFFICE["ods"], _OLE["xls"], "text/csv"},
    "pdf": {"application/pdf"},
    "image": {"image/png", "image/jpeg", "image/gif", "image/webp"},
}
SHOWN_INLINE = _FORMS["image"]  # what a browser may show by itself; the rest is only downloaded


def media_type_of(name: str, head: bytes) -> str:
    """The media type of a file, from its first bytes; its name only chooses among what these bytes allow."""
    for magic, media_type in _BY_HEAD:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if head.startswith(b"PK\x03\x04"):
        return _OFFICE.get(ending, "application/zip")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _OLE.get(ending, "application/octet-stream")
    if b"\x00" not in head and ending in _TEXT:
        return _TEXT[ending]
    return "application/octet-stream"


def form_of(media_type: str) -> str:
    """What people call it: presentation, text, spreadsheet, pdf, image, or other."""
    return next((form for form, types in _FORMS.items() if media_type in types), "other")
