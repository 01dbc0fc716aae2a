"""What can stand against a change to a flow."""

from django.utils.translation import gettext_lazy as _

from madoguchi.domain.flows.checks import Finding
from madoguchi.kit.errors import MadoguchiError


class FlowNotFound(MadoguchiError):
    """There is no such flow (`flow_id`)."""

    code = "flow_not_found"
    message = _("This flow does not exist any more.")
    status = 404


class NoDraft(MadoguchiError):
    """The flow has no draft to publish or to throw away."""

    code = "flow_has_no_draft"
    message = _("This flow has no draft.")


class DraftChanged(MadoguchiError):
    """Somebody else saved the draft since it was loaded: saving now would undo their work."""

    code = "flow_draft_changed"
    message = _("Somebody else has changed this draft. Load it again, then make your change.")


class FlowUnpublishable(MadoguchiError):
    """The check found errors; `findings` lists all it found."""

    code = "flow_unpublishable"
    message = _("The flow cannot be published yet: {count} things must be mended.")
    status = 422

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(count=sum(finding.is_error for finding in findings))
        self.findings = findings


class FlowNameTaken(MadoguchiError):
    """Another flow has this name."""

    code = "flow_name_taken"
    message = _("There is a flow of this name already.")


class FlowNameInvalid(MadoguchiError):
    """A flow needs a name of at most 80 characters."""

    code = "flow_name_invalid"
    message = _("A flow needs a name of at most 80 characters.")
    status = 422


class EditRefused(MadoguchiError):
    """A change in the editor that names a step or a way which is not there."""

    code = "flow_edit_refused"
    message = _("This change does not fit the flow any more. Load it again.")
