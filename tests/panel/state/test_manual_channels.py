"""Channels typed stage by stage: what cuts some off, and what brings them back."""

import pytest

import cnnwidget as cw
from cnnwidget.panel.state.manual_channels import ManualChannels

DESIGN = cw.EncoderDecoder(input_size=(64, 64), in_channels=2, out_channels=2, depth=3)


def changed(design, *steps):
    manual = ManualChannels()
    for field, value in steps:
        design, manual = manual.with_field(design, field, value)
    return design


def test_laws_are_left_alone():
    assert changed(DESIGN, ("depth", 5)) == DESIGN.replace(depth=5)


def test_a_deeper_design_repeats_the_last_number_and_a_flatter_one_loses_none():
    typed = DESIGN.replace(channels=(4, 8, 12))
    assert changed(typed, ("depth", 5)).channels == (4, 8, 12, 12, 12)
    assert changed(typed, ("depth", 1)).channels == (4,)
    assert changed(typed, ("depth", 1), ("depth", 3)) == typed
    assert changed(typed, ("depth", 1), ("bottleneck", True), ("depth", 2)).channels == (4, 8, 12)


def test_numbers_typed_anew_replace_those_that_were_cut_off():
    typed = DESIGN.replace(channels=(4, 8, 12))
    steps = [("depth", 2), ("channels", (5, 6)), ("depth", 3)]
    assert changed(typed, *steps).channels == (5, 6, 6)


def test_the_decoder_grows_where_it_begins():
    typed = DESIGN.replace(skips="none", decoder_channels=(9, 5))
    assert changed(typed, ("depth", 5)).decoder_channels == (9, 9, 9, 5)
    assert changed(typed, ("decoder_depth", 2), ("decoder_depth", 3)) == typed.replace(
        decoder_depth=3
    )


def test_a_mirror_image_has_a_number_less_in_the_decoder():
    typed = DESIGN.replace(skips="none", decoder_channels=(9, 5))
    skips = changed(typed, ("skips", "concat"))
    assert len(skips.decoder_channels) == 2 + (typed.is_mirror_image - skips.is_mirror_image)
    assert changed(typed, ("skips", "concat"), ("skips", "none")) == typed


def test_an_impossible_design_raises():
    with pytest.raises(cw.DesignError, match="depth"):
        changed(DESIGN.replace(channels=(4, 8, 12)), ("depth", 0))
