"""Django's own mails, and allauth's, leave through the same door."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from parvis.core.mail.actions import queue_mail
from parvis.core.mail.message import BadMail, Mail


class QueuedBackend(BaseEmailBackend):
    """Queues each message for each of its recipients."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue them, in the current transaction if there is one. Returns how many messages. Raises BadMail unless silent."""
        done = 0
        for message in email_messages:
            html = ""
            for content, mimetype in getattr(message, "alternatives", ()):
                html = str(content) if mimetype == "text/html" else html
            body = str(message.body)
            if message.content_subtype == "html":
                html, body = body, ""
            try:
                for to in message.recipients():
                    queue_mail(Mail(to, str(message.subject), body, html), timezone.now())
                done += 1
            except BadMail:
                if not self.fail_silently:
                    raise
        return done
