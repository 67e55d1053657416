"""The default batch size: decided from the costs of a design and the number of its windows."""

from __future__ import annotations

from cnnwidget.design.planning.plan import Plan

# The most multiply-accumulates of a batch: about a tenth of a second on two cores, so that a
# training stops at once.
MACS_OF_A_BATCH = 2_000_000_000
# The fewest steps of an epoch: with few windows, small batches keep the number of steps up.
STEPS_OF_AN_EPOCH = 12
SMALLEST_BATCH, LARGEST_BATCH = 4, 16


def default_batch_size(plan: Plan, training_windows: int) -> int:
    """Return the default batch size, from costs and counts and never from a timing.

    Example:
        >>> from cnnwidget.design.families.encoder_decoder import EncoderDecoder
        >>> from cnnwidget.design.planning.plan import plan_of
        >>> design = EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
        >>> default_batch_size(plan_of(design), 54), default_batch_size(plan_of(design), 1000)
        (4, 16)
    """
    by_cost = MACS_OF_A_BATCH // max(1, plan.macs)
    by_count = max(SMALLEST_BATCH, training_windows // STEPS_OF_AN_EPOCH)
    largest = max(1, min(LARGEST_BATCH, by_cost, by_count))
    return 1 << (largest.bit_length() - 1)  # the power of two at or below
