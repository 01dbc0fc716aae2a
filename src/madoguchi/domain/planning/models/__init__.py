"""What planning keeps."""

from madoguchi.domain.planning.models.causes import CauseReport

__all__ = ["CauseReport"]
