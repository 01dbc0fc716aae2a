"""What is stored beside customers and companies to be searched in."""

from madoguchi.domain.customers.models import Company, Customer
from madoguchi.kit.japanese import index_key

LONGEST = 300


def customer_key(customer: Customer) -> str:
    """Name, kana and company, each whole and by its words.

    It begins with a blank, so that "begins with" is a search for a blank and the beginning: that
    gives the trigram index something to hold on to even for a name of one character.
    """
    company = customer.company
    return key_of(customer.name, customer.name_kana, *([company.name, company.name_kana] if company else []))


def company_key(company: Company) -> str:
    """Name and kana of a company."""
    return key_of(company.name, company.name_kana)[:200]


def key_of(*texts: str) -> str:
    """The stored key of some texts."""
    return f" {index_key(*texts)}"[:LONGEST]
