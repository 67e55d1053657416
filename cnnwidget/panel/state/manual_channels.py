"""Channels typed stage by stage: they follow whatever changes the number of stages."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

from cnnwidget.design.families.encoder_decoder import EncoderDecoder

Numbers = tuple[int, ...]


class ManualChannels(NamedTuple):
    """The longest channels that were typed: a shallower design cuts some off, a deeper one not.

    Attributes:
        encoder: one number for each stage of the encoder and for the bottleneck.
        decoder: one number for each stage of the decoder, from its end to its beginning.
        mirror: the numbers of a decoder with and without the last stage, which a mirror image
            does not have.

    Example:
        >>> design = EncoderDecoder(
        ...     input_size=(64, 64), in_channels=1, out_channels=1, depth=2, channels=(4, 8)
        ... )
        >>> deeper, manual = ManualChannels().with_field(design, "depth", 3)
        >>> flat, manual = manual.with_field(deeper, "depth", 1)
        >>> back, manual = manual.with_field(flat, "depth", 2)
        >>> deeper.channels, flat.channels, back.channels
        ((4, 8, 8), (4,), (4, 8))
    """

    encoder: Numbers = ()
    decoder: Numbers = ()
    mirror: Numbers = ()

    def with_field(
        self, design: EncoderDecoder, field: str, value: Any
    ) -> tuple[EncoderDecoder, Self]:
        """Return a design with another value of a field, and the channels to remember.

        Channels that were typed get as many numbers as the design then has stages.

        Raises:
            DesignError: if there is no such design.
        """
        changes = {field: value}
        laws: dict[str, Any] = {}
        if field != "channels" and isinstance(design.channels, tuple):
            laws["channels"] = "exponential"
        if field != "decoder_channels" and isinstance(design.decoder_channels, tuple):
            laws["decoder_channels"] = "mirror"
        if not laws:
            return design.replace(**changes), self
        # A design with laws takes any number of stages, so it says how many numbers are needed.
        planned = design.replace(**laws, **changes)
        manual = self
        if "channels" in laws:
            changes["channels"], manual = manual.encoder_of(design, planned)
        if "decoder_channels" in laws:
            changes["decoder_channels"], manual = manual.decoder_of(design, planned)
        return design.replace(**changes), manual

    def encoder_of(self, design: EncoderDecoder, planned: EncoderDecoder) -> tuple[Numbers, Self]:
        """Return the channels of the planned encoder, and what to remember."""
        assert isinstance(design.channels, tuple)
        longest = longest_of(self.encoder, design.channels)
        numbers = of_length(longest, planned.stages_of_encoder, design.start_channels)
        return numbers, self._replace(encoder=longest)

    def decoder_of(self, design: EncoderDecoder, planned: EncoderDecoder) -> tuple[Numbers, Self]:
        """Return the channels of the planned decoder, and what to remember.

        Stages come and go at its beginning, beside the deepest stage of the encoder. The last stage
        of a mirror image has no number.
        """
        numbers, start = design.decoder_channels, design.start_channels
        assert isinstance(numbers, tuple)
        mirror = self.mirror
        if design.is_mirror_image != planned.is_mirror_image:
            mirror = longest_of(mirror, numbers)
            more = -1 if planned.is_mirror_image else 1
            numbers = of_length(mirror, len(numbers) + more, start)
        longest = longest_of(self.decoder, numbers[::-1])
        length = planned.stages_of_decoder - planned.is_mirror_image
        found = of_length(longest, length, start)[::-1]
        return found, self._replace(decoder=longest, mirror=mirror)


def longest_of(known: Numbers, numbers: Numbers) -> Numbers:
    """Return the known numbers if they begin with these, else these."""
    return known if known[: len(numbers)] == numbers else numbers


def of_length(numbers: Numbers, length: int, start: int) -> Numbers:
    """Return the first numbers; where they are too few, the last one is repeated.

    Example:
        >>> of_length((4, 8), 1, 16), of_length((4, 8), 3, 16), of_length((), 2, 16)
        ((4,), (4, 8, 8), (16, 16))
    """
    last = numbers[-1:] or (start,)
    return (numbers + last * length)[:length]
