"""Audiences: immutable, deduplicated sets of principals. The only rule of visibility.

A principal is an integer: 0 is everyone (the network's members), +n the group n, -n the person n.
"""

from django.db import models

from parvis.core.people.models import Network


class Audience(models.Model):
    """A set of principals of one network, known by the digest of its sorted members. Never changed, never deleted."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, db_index=False)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "digest"], name="audience_once")]

    def __str__(self) -> str:
        return self.digest[:8]


class AudiencePrincipal(models.Model):
    """That a principal is in an audience.

    newest_at is no older than the newest thread of the audience (never moved back when one goes), so that a feed
    looks first where something may be new: see `queries.newest_threads`.
    """

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="principals", db_index=False)
    principal = models.BigIntegerField()
    newest_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "principal"], name="audience_principal_once")]
        indexes = [models.Index(fields=["principal", "newest_at", "audience"], name="principal_newest")]

    def __str__(self) -> str:
        return f"{self.principal} in {self.audience_id}"
