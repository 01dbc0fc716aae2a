"""Foreign keys point down the list of rooms only, as imports do."""

import os
import sys


def main() -> int:
    """Print every key that points up and return 1 when there is one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")
    import django
    from django.apps import apps
    from django.conf import settings

    django.setup()
    height = {room: number for number, room in enumerate(settings.ROOMS)}
    wrong = 0
    for model in apps.get_models():
        own = model._meta.app_label
        for field in model._meta.get_fields():
            target = (
                getattr(field.remote_field, "model", None) if field.concrete and field.is_relation else None
            )
            other = target._meta.app_label if target is not None and not isinstance(target, str) else None
            if own in height and other in height and height[other] > height[own]:
                wrong += 1
                print(f"{own}.{model.__name__}.{field.name} points up at {other}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
