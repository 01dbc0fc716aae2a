"""What can be wrong with a customer's details, or with a file of customers."""

from django.utils.translation import gettext_lazy as _

from madoguchi.kit.errors import MadoguchiError


class NoSuchCustomer(MadoguchiError):
    """There is no customer of that number."""

    code = "no_such_customer"
    message = _("This customer does not exist.")
    status = 404


class NamelessCustomer(MadoguchiError):
    """A customer needs a name, a name in kana or a company: something to be called by."""

    code = "nameless_customer"
    message = _("Please enter a name, a name in kana, or a company.")
    status = 422


class NumberUnreadable(MadoguchiError):
    """What was given as a telephone number is none."""

    code = "number_unreadable"
    message = _("“{number}” cannot be read as a telephone number.")
    status = 422


class NumberNotWhole(MadoguchiError):
    """An extension, a service number or a local number without its area code: it reaches nobody from here."""

    code = "number_not_whole"
    message = _(
        "“{number}” is not a whole telephone number. Please write it with its area code, such as "
        "03-1234-5678, or with + and the country code."
    )
    status = 422


class DetailsInvalid(MadoguchiError):
    """A detail is too long or has the wrong form; `fields` maps the field to what is wrong."""

    code = "details_invalid"
    message = _("Please check: {names}")
    status = 422


class PointEmpty(MadoguchiError):
    """An important point without words."""

    code = "point_empty"
    message = _("Please write what must not be overlooked (at most 200 characters).")
    status = 422


class NoSuchPoint(MadoguchiError):
    """There is no such important point, or it was withdrawn already."""

    code = "no_such_point"
    message = _("This important point was withdrawn already.")
    status = 404


class FileUnreadable(MadoguchiError):
    """The file as a whole cannot be taken in; nothing was changed. `why` is a translated sentence."""

    code = "file_unreadable"
    message = _("The file could not be read: {why}")
    status = 422


class ImportGone(MadoguchiError):
    """The file is no longer kept."""

    code = "import_gone"
    message = _("The file is no longer kept. Please choose it again.")
    status = 410


class ImportEnded(MadoguchiError):
    """The import has gone on already: somebody said yes or no, or a day has passed."""

    code = "import_ended"
    message = _("This file was taken in or thrown away already.")
    status = 410


class ImportStuck(MadoguchiError):
    """Several workers gave up over the same file."""

    code = "import_stuck"
    message = _(
        "It stopped after {done} of {all} people, several times. What was taken in stays; choose the same "
        "file again later: what is known is not taken in twice."
    )
    status = 500
