"""Channels given stage by stage, kept in step with what decides how many there are."""

from __future__ import annotations

from typing import Any

from cnnwidget.design.families.encoder_decoder import EncoderDecoder

Numbers = tuple[int, ...]


class ByHand:
    """Channels by hand follow every change of a design; what one cuts off, another brings back.

    Example:
        >>> design = EncoderDecoder(
        ...     input_size=(64, 64), in_channels=1, out_channels=1, depth=2, channels=(4, 8)
        ... )
        >>> by_hand = ByHand()
        >>> deeper = by_hand.changed(design, "depth", 3)
        >>> deeper.channels, by_hand.changed(deeper, "bottleneck", True).channels
        ((4, 8, 8), (4, 8, 8, 8))
    """

    def __init__(self) -> None:
        self._longest: dict[str, Numbers] = {}

    def changed(self, design: EncoderDecoder, field: str, value: Any) -> EncoderDecoder:
        """The design with another value of a field, and as many channels as it then needs.

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
            return design.replace(**changes)
        # With laws in their place any number of stages will do: so it says how many it needs.
        wanted = design.replace(**laws, **changes)
        if "channels" in laws:
            changes["channels"] = self.encoder(design, wanted)
        if "decoder_channels" in laws:
            changes["decoder_channels"] = self.decoder(design, wanted)
        return design.replace(**changes)

    def encoder(self, design: EncoderDecoder, wanted: EncoderDecoder) -> Numbers:
        """One for each stage of the encoder and for the bottleneck."""
        numbers = design.channels
        assert isinstance(numbers, tuple)
        return self.stretched("channels", numbers, wanted.stages_of_encoder, design.start_channels)

    def decoder(self, design: EncoderDecoder, wanted: EncoderDecoder) -> Numbers:
        """One for each stage of the decoder, but for the last one of a mirror image.

        Stages come and go where it begins, beside the deepest of the encoder.
        """
        numbers = design.decoder_channels
        assert isinstance(numbers, tuple)
        start = design.start_channels
        if design.is_mirror_image and not wanted.is_mirror_image:
            numbers = self.stretched("end", numbers, len(numbers) + 1, start)
        elif wanted.is_mirror_image and not design.is_mirror_image:
            numbers = self.stretched("end", numbers, len(numbers) - 1, start)
        length = wanted.stages_of_decoder - wanted.is_mirror_image
        return self.stretched("decoder_channels", numbers[::-1], length, start)[::-1]

    def stretched(self, name: str, numbers: Numbers, length: int, start: int) -> Numbers:
        """The first `length` numbers; a slider that passes a small depth loses none of them."""
        longest = self._longest.get(name, ())
        known = longest if longest[: len(numbers)] == numbers else numbers
        self._longest[name] = known
        last = known[-1:] or (start,)
        return (known + last * length)[:length]
