"""Numbers of bytes as text."""

from __future__ import annotations


def storage(number: int) -> str:
    """Return bytes in up to three digits, empty for zero.

    Example:
        >>> storage(1_234_000), storage(411_041_792), storage(3_200_000_000_000)
        ('1.2 MB', '411 MB', '3.2 TB')
    """
    if not number:
        return ""
    amount, unit = float(number), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB", "EB"):
        if amount < 999.5:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.1f} {unit}" if amount < 9.95 and unit != "B" else f"{amount:,.0f} {unit}"


def precise_storage(number: int) -> str:
    """Return bytes in megabytes or gigabytes, with digits enough to compare one with another.

    Example:
        >>> precise_storage(2_500_000), precise_storage(2_500_000_000)
        ('2.5 MB', '2.50 GB')
    """
    return f"{number / 1e9:,.2f} GB" if number >= 10**9 else f"{number / 1e6:,.1f} MB"
