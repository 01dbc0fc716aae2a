"""Prompts with a name: typed texts and uploaded recordings, to be listened to as they will sound."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from madoguchi.domain.flows.queries import flows_using_prompt
from madoguchi.domain.prompts import actions
from madoguchi.domain.prompts.built_in import BuiltIn
from madoguchi.domain.prompts.models import Prompt
from madoguchi.domain.prompts.music import music_of
from madoguchi.domain.prompts.queries import listen
from madoguchi.domain.prompts.refs import PromptRef, Ready, Spoken, Stored
from madoguchi.domain.queues.models import Queue
from madoguchi.kit.errors import MadoguchiError
from madoguchi.screens.office.editing import attempt, by, tell
from madoguchi.screens.office.fields import NAME, plainly
from madoguchi.screens.parts.access import LEADERS, role

LONGEST_TEXT = 2000


class PromptForm(forms.Form):
    """A name with a text to be spoken, or with a recording."""

    name = forms.CharField(label=NAME, max_length=80)
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Spoken by the machine."),
    )
    recording = forms.FileField(
        label=_("Or a recording"),
        required=False,
        help_text=_("WAV, MP3, M4A and others, up to 20 MB. It is converted and checked."),
        widget=forms.ClearableFileInput(attrs={"accept": "audio/*,.m4a", "data-makes-wav": ""}),
    )

    def clean(self) -> dict[str, object]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("text", "").strip()) == bool(given.get("recording")):
            self.add_error("text", _("Type a text or choose a recording, one of the two."))
        return given


@role(*LEADERS)
def every(request: HttpRequest) -> HttpResponse:
    """The list of prompts, and adding one."""
    form = plainly(PromptForm(request.POST or None, request.FILES or None))
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect("office:prompts")
    rows = [
        (prompt, flows_using_prompt(prompt.pk), _queues_playing(prompt)) for prompt in Prompt.objects.all()
    ]
    return render(
        request, "office/prompts.html", {"rows": rows, "form": form}, status=422 if form.errors else 200
    )


def _saved(request: HttpRequest, form: PromptForm, prompt_id: int | None = None) -> bool:
    stored = attempt(form, lambda: _store(form, by(request), prompt_id))
    if stored is not None:
        messages.success(request, gettext("“%(name)s” was saved.") % {"name": stored})
        if stored.too_loud:
            messages.warning(request, gettext("It was recorded too loudly and is distorted: listen to it."))
    return stored is not None


def _store(form: PromptForm, acting_user: int, prompt_id: int | None = None) -> Prompt:
    name, recording = form.cleaned_data["name"], form.cleaned_data["recording"]
    if not isinstance(recording, UploadedFile):
        return actions.write_prompt(
            name, form.cleaned_data["text"], prompt_id=prompt_id, acting_user=acting_user
        )
    with tempfile.TemporaryDirectory(prefix="madoguchi-") as folder:
        # A name of our own: what the browser calls the file is nobody's business here.
        upload = Path(folder) / "upload"
        with upload.open("wb") as stream:
            for chunk in recording.chunks():
                stream.write(chunk)
        return actions.store_upload(name, upload, prompt_id=prompt_id, acting_user=acting_user)


@role(*LEADERS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one prompt."""
    prompt = get_object_or_404(Prompt, pk=pk)
    initial = {"name": prompt.name, "text": prompt.text}
    form = plainly(PromptForm(request.POST or None, request.FILES or None, initial=initial))
    if request.method == "POST" and form.is_valid() and _saved(request, form, pk):
        return redirect("office:prompts")
    context = {
        "row": prompt,
        "form": form,
        "flows": flows_using_prompt(pk),
        "queues": _queues_playing(prompt),
    }
    return render(request, "office/prompt.html", context, status=422 if form.errors else 200)


def _queues_playing(prompt: Prompt) -> list[Queue]:
    """The queues whose callers hear it as music while they wait."""
    return list(Queue.objects.filter(music=music_of(prompt)).order_by("name"))


@require_POST
@role(*LEADERS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a prompt that no flow and no queue uses."""
    prompt = get_object_or_404(Prompt, pk=pk)
    using = [one.name for one in flows_using_prompt(pk)] + [one.name for one in _queues_playing(prompt)]
    if using:
        names = "、".join(using)
        messages.error(request, gettext("Still used by %(names)s. Change that first.") % {"names": names})
        return redirect("office:prompt", pk)
    tell(request, lambda: actions.remove_prompt(pk, acting_user=by(request)), gettext("Removed."))
    return redirect("office:prompts")


@require_GET
@role(*LEADERS)
def sound(request: HttpRequest) -> HttpResponse:
    """A text, a stored prompt or a sentence of the house, as callers will hear it."""
    ref = _ref(request.GET)
    if ref is None:
        return HttpResponse(
            gettext("Nothing to listen to."), status=422, content_type="text/plain; charset=utf-8"
        )
    try:
        kept = listen(ref)
    except MadoguchiError as refused:
        return HttpResponse(refused.shown(), status=refused.status, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(kept.wideband.read_bytes(), content_type="audio/wav")
    answer["Cache-Control"] = "private, no-cache"
    return answer


def _ref(asked: object) -> PromptRef | None:
    get = asked.get  # type: ignore[attr-defined]
    kind, _colon, key = str(get("ref", "")).partition(":")
    if kind == "prompt" and key.isdecimal():
        return Stored(int(key))
    if kind == "built_in" and key in set(BuiltIn):
        return Ready(BuiltIn(key))
    text = str(get("text", "")).strip()[:LONGEST_TEXT]
    return Spoken(text) if text else None
