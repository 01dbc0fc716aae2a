"""The people and companies who call, their numbers, and what must not be overlooked."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.domain.clients.models import Client
from madoguchi.domain.customers.states import ImportStage
from madoguchi.kit.ids import new_id


class Company(models.Model):
    """A company that customers belong to, or a dealer who holds a support contract."""

    name = models.CharField(_("Company"), max_length=120)
    name_kana = models.CharField(_("Company in kana"), max_length=160, blank=True)
    dealer = models.BooleanField(_("Dealer"), default=False)
    key = models.CharField(max_length=200, editable=False, default="")
    """`kit.japanese.name_key` of name and kana: for search only, never shown."""

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A person (or, with only a company, an office) who has a problem. Several may share one number."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="customers")
    """Whose customer: people of two clients are never merged."""
    name = models.CharField(_("Name"), max_length=80, blank=True)
    name_kana = models.CharField(_("Name in kana"), max_length=120, blank=True)
    company = models.ForeignKey(
        Company, on_delete=models.SET_NULL, null=True, blank=True, related_name="people"
    )
    department = models.CharField(_("Department"), max_length=80, blank=True)
    postal_code = models.CharField(_("Postal code"), max_length=8, blank=True)
    address = models.CharField(_("Address"), max_length=200, blank=True)
    birth_date = models.DateField(_("Birth date"), null=True, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    external_id = models.CharField(_("Customer number"), max_length=60, blank=True)
    note = models.TextField(_("Note"), blank=True)
    key = models.CharField(max_length=300, editable=False, default="")
    """Search key of name, kana and company (`kit.japanese`); trigram-indexed."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], name="customer_key"),
            models.Index(
                fields=["client", "external_id"],
                condition=~models.Q(external_id=""),
                name="customer_external",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.name_kana or (self.company.name if self.company else f"#{self.pk}")


class CustomerNumber(models.Model):
    """A telephone number of a customer. One number may belong to several customers."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="numbers")
    e164 = models.CharField(max_length=20, db_index=True)
    raw = models.CharField(_("Number"), max_length=40)
    """As it was given."""
    label = models.CharField(_("Label"), max_length=20, blank=True)
    main = models.BooleanField(default=False)
    last_call_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "e164"], name="one_number_a_customer")]
        # For searching by the last four digits, as people remember numbers.
        indexes = [GinIndex(fields=["e164"], opclasses=["gin_trgm_ops"], name="customer_number_part")]


class ImportantPoint(models.Model):
    """Something nobody who speaks with this customer may overlook (重要事項)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="important_points")
    text = models.CharField(_("Important point"), max_length=200)
    noted_at = models.DateTimeField()
    noted_by = models.BigIntegerField(null=True)
    until = models.DateField(_("Until"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-noted_at"]


class Product(models.Model):
    """Something of a client's that customers own and call about."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(_("Product"), max_length=120)

    def __str__(self) -> str:
        return self.name


class Ownership(models.Model):
    """A customer's product, and who holds its support contract."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="ownerships")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    serial = models.CharField(_("Serial number"), max_length=60, blank=True)
    bought_on = models.DateField(_("Bought on"), null=True, blank=True)
    contract = models.CharField(_("Support contract"), max_length=80, blank=True)
    contract_holder = models.ForeignKey(
        Company, on_delete=models.SET_NULL, null=True, blank=True, related_name="contracts"
    )
    """A dealer, when support is theirs and not ours (D: the right party is shown at the ring)."""
    contract_until = models.DateField(_("Contract until"), null=True, blank=True)


class CustomerImport(models.Model):
    """One file of customers, from its upload to its end; what became of it stays to be looked at."""

    id = models.UUIDField(primary_key=True, default=new_id)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=200)
    """Of the file, as it was called where it came from."""
    sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=8)
    """In which its mistakes are told: that of the person who brought it."""
    stage = models.CharField(max_length=12, choices=ImportStage.choices, default=ImportStage.EXAMINING)
    by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    """Last sign of a worker; long ago while there is work: the worker died."""
    ended_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    """How often a worker was sent after the last sign of progress."""
    encoding = models.CharField(max_length=16, blank=True)
    columns = models.JSONField(default=list)
    """[heading, field] in the file's order; an empty field: the column is left out."""
    first_rows = models.JSONField(default=list)
    mistakes = models.JSONField(default=list)
    """[line, words], at most `import_file.MOST_ERRORS`."""
    mistaken_lines = models.PositiveIntegerField(default=0)
    doubled = models.PositiveIntegerField(default=0)
    """Lines that were joined with an earlier line of the same person."""
    foreseen = models.JSONField(default=dict)
    """{"new", "changed", "unchanged"} people, as it was when the file was examined."""
    people = models.PositiveIntegerField(default=0)
    """How many there are to take in; while it is examined, how many lines there are."""
    people_done = models.PositiveIntegerField(default=0)
    """Taken in so far, or lines read so far; written with them, so it is never ahead and never behind."""
    result = models.JSONField(default=dict)
    """{"new", "changed", "unchanged"} of those taken in."""
    why = models.CharField(max_length=400, blank=True)
    """Why it failed, in words."""

    class Meta:
        indexes = [
            models.Index(
                fields=["beat_at"],
                condition=models.Q(stage__in=["examining", "running"]),
                name="import_working",
            ),
            models.Index(fields=["-made_at"], name="import_made"),
        ]
