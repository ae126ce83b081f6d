"""Networks: one company's space each. Every query, cache key, file path and index is within one."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

# First segments of addresses that can't name a network.
RESERVED_SLUGS = frozenset(
    "accounts admin api assets favicon healthz live metrics n new none null readyz robots static stream streams welcome www -".split()
)


class Network(models.Model):
    """A company's space. `slug` is the first segment of its addresses."""

    slug = models.CharField(
        max_length=40, unique=True, validators=[RegexValidator(r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$")]
    )
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=8, default="fr")
    zone = models.CharField(max_length=64, default="Europe/Paris")
    size = models.PositiveIntegerField(default=0)  # its members, moved in the deed
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.slug


class NetworkDomain(models.Model):
    """A mail domain whose verified addresses may join the network by themselves."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "domain"], name="network_domain_once")]

    def __str__(self) -> str:
        return self.domain
