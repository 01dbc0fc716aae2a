"""What uvicorn serves."""

import gc
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

# What is loaded by now stays for as long as the process: never looked through again. Looking through all of
# it took 35–55 ms (measured), now and then in the middle of a ring.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
