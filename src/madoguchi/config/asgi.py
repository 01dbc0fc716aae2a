"""What uvicorn serves."""

import os
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.config.settings")

_pages = get_asgi_application()
# Only now may models be imported: the push channel, and what each screen shows in it.
for _screen in settings.SCREENS:
    if find_spec(f"madoguchi.screens.{_screen}") and find_spec(f"madoguchi.screens.{_screen}.sections"):
        import_module(f"madoguchi.screens.{_screen}.sections")

application = import_module("madoguchi.live.stream").mounted(_pages)
