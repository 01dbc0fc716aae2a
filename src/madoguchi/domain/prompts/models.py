"""What is said aloud: typed Japanese text, spoken once and kept, or an uploaded recording."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Prompt(models.Model):
    """One thing to say. Either `text` (spoken by the machine) or `upload` (a recording) is set."""

    name = models.CharField(_("Name"), max_length=80)
    text = models.TextField(_("Text"), blank=True)
    upload_sha256 = models.CharField(max_length=64, blank=True)
    """Identity of the converted recording under the installation's prompts folder."""
    duration_s = models.FloatField(null=True, blank=True)
    too_loud = models.BooleanField(default=False)
    """Whether its recording reached the end of the scale: it sounds distorted."""
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
