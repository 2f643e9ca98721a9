"""Amounts of money as staff read them."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import pgettext


def money(amount: Any) -> str:
    """An amount in the reader's way of writing it, without cents where there are none."""
    decimals = 2 if amount != amount.to_integral_value() else 0
    number = number_format(amount, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return pgettext("an amount of money", "$%(number)s") % {"number": number}
