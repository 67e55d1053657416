"""The channels of each stage of an encoder-decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnwidget.design.families.channels import Growth, decoder_channels, encoder_channels

if TYPE_CHECKING:
    from cnnwidget.design.families.encoder_decoder import EncoderDecoder


def channels_of_encoder(design: EncoderDecoder) -> tuple[int, ...]:
    """From the input over the stages to the bottleneck, if there is one."""
    if isinstance(design.channels, tuple):
        return (design.in_channels, *design.channels)
    return encoder_channels(
        design.channels,
        design.stages_of_encoder,
        in_channels=design.in_channels,
        input_size=design.input_size,
        growth=growth(design),
    )


def channels_of_decoder(design: EncoderDecoder, encoder: tuple[int, ...]) -> tuple[int, ...]:
    """From what the encoder hands over to the output, given the channels of the encoder.

    A mirror image ends with a stage that gives the output's channels; else these are the head's,
    behind the last stage.
    """
    stages = design.stages_of_decoder
    steps = stages if design.is_mirror_image else stages + 1
    if isinstance(design.decoder_channels, tuple):
        return (encoder[-1], *design.decoder_channels, design.out_channels)
    if design.decoder_channels == "mirror":
        # What the encoder had before each step down; of the input's channels there are few.
        kept = encoder[1 : design.depth + (design.downsampling != "stride")]
        mirrored = (*kept[::-1], *(encoder[1],) * stages)
        return (encoder[-1], *mirrored[: steps - 1], design.out_channels)
    return decoder_channels(
        design.decoder_channels,
        steps,
        in_channels=encoder[-1],
        out_channels=design.out_channels,
        growth=growth(design),
    )


def growth(design: EncoderDecoder) -> Growth:
    """Where the channel laws start, and where they stop."""
    return Growth(design.start_channels, design.channel_ratio, design.max_channels)
