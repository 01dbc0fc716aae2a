"""Reads of trunks."""

from collections.abc import Mapping
from typing import Any

from madoguchi.domain.trunks.models import Trunk
from madoguchi.kit.phone_numbers import PLAIN, Bare, TrunkRules


def rules_of(trunk: Trunk | None) -> TrunkRules:
    """How this trunk writes numbers; as people write them when there is no trunk or it has no rules."""
    return rules_from(trunk.number_rules) if trunk and trunk.number_rules else PLAIN


def rules_from(stored: Mapping[str, Any]) -> TrunkRules:
    """The rules as they lie in `Trunk.number_rules`. Raises ValueError or TypeError for nonsense."""
    values = dict(stored)
    if "strip_prefixes" in values:
        values["strip_prefixes"] = tuple(values["strip_prefixes"])
    if "bare" in values:
        values["bare"] = Bare(values["bare"])
    return TrunkRules(**values)


def by_endpoint(endpoint: str) -> Trunk | None:
    """The trunk whose switch endpoint has this name."""
    return Trunk.objects.filter(endpoint=endpoint).first()
