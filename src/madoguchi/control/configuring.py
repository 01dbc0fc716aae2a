"""The switch's configuration out of the office's rows: lines, phones, numbers."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from madoguchi.domain.agents.models import Agent
from madoguchi.domain.clients.models import Number
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.spoken import fixed_base
from madoguchi.domain.queues.queries import music_folders
from madoguchi.domain.trunks.models import Trunk
from madoguchi.switch.asterisk import configuration, music, view

VISITOR = "visitor"
CHECKS_EVERY_S = 30


def write() -> configuration.Written:
    """Write the configuration of this installation's own node."""
    return configuration.write(current_view(), settings.INSTALLATION.asterisk_run)


def current_view() -> view.SwitchView:
    """What the switch has to know now."""
    here = settings.INSTALLATION
    demo = here.demo and not here.public
    return view.SwitchView(
        node=here.node,
        ari_user=here.ari_user,
        ari_password=here.secrets.ari_password,
        share=Path(os.environ["MADOGUCHI_ASTERISK_SHARE"]),
        modules=Path(os.environ["MADOGUCHI_ASTERISK_MODULES"]),
        work=here.asterisk_run,
        recordings=here.recordings,
        http_port=here.asterisk_http_port,
        sip_bind=here.sip_bind,
        sip_port=here.sip_port,
        rtp_start=here.rtp_start,
        rtp_end=here.rtp_end,
        public_address=here.external_address,
        machine_address=view.own_address() if here.external_address else "",
        music={"default": music.ensure(here.home / "music"), **music_folders()},
        emergency_sound=fixed_base(BuiltIn.EMERGENCY),
        trunks=tuple(_trunk(row) for row in Trunk.objects.filter(active=True).order_by("pk")),
        phones=(*_phones(), *(_visitor() if demo else ())),
        demonstration_numbers=tuple(_demonstration_numbers()) if demo else (),
    )


def _trunk(row: Trunk) -> view.Trunk:
    registers = row.kind == Trunk.Kind.REGISTRATION
    asserted = row.shown_in == Trunk.ShownIn.ASSERTED
    host = f"[{row.host}]" if ":" in row.host else row.host
    return view.Trunk(
        name=row.endpoint,
        server=f"{host}:{row.port}" if row.host else "",
        networks=tuple(row.match_networks),
        registers=registers,
        username=row.login,
        password=row.secret,
        # Who has us register knows its customers under its own domain, not under our address.
        from_domain=host if registers else "",
        from_user=row.login if asserted else "",
        sends_identity=asserted,
        # At the address of the demonstration's line there is nobody.
        checks_every_s=0 if row.demonstration else CHECKS_EVERY_S,
    )


def _phones() -> list[view.Phone]:
    active = Agent.objects.filter(account__is_active=True).order_by("pk")
    return [
        view.Phone(endpoint=row.endpoint, password=row.sip_secret, kind=view.PhoneKind(row.phone))
        for row in active
    ]


def _visitor() -> list[view.Phone]:
    secret = settings.INSTALLATION.secrets.visitor_password
    return [view.Phone(endpoint=VISITOR, password=secret, kind=view.PhoneKind.VISITOR)]


def _demonstration_numbers() -> list[str]:
    return [
        number.e164.replace("+81", "0", 1) for number in Number.objects.filter(active=True).order_by("pk")
    ]
