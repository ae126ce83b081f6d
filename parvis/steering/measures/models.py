"""Counts out of the log."""

from django.db import models

from parvis.core.people.models import Network


class Count(models.Model):
    """How many deeds of one kind happened on a day (of UTC) in a place (a group's id; 0 for none).

    The place is not a foreign key: what happened stays counted when it is gone.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE)
    day = models.DateField()
    verb = models.CharField(max_length=12)
    place = models.BigIntegerField(default=0)
    origin = models.CharField(max_length=10)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "day", "verb", "place", "origin"], name="count_once")]

    def __str__(self) -> str:
        return f"{self.count} {self.verb} on {self.day}"
