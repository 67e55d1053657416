"""The controls of the design, without a browser: set one, read the design."""

import pytest

import cnnwidget as cw
from cnnwidget.panel.state.state import key_of
from tests.panel.panels import DEFAULT, is_shown, messages


@pytest.mark.parametrize(
    ("field", "position", "value", "expected"),
    [
        ("depth", 0, 2, 2),
        ("start_channels", 0, 8, 8),
        ("channels", 0, "linear", "linear"),
        ("kernel_size", 0, 5, (5, 5)),
        ("stride", 0, 1, (1, 1)),
        ("dilation", 0, 2, (2, 2)),
        ("padding", 0, "valid", "valid"),
        ("padding", 0, "1, 2", (1, 2)),
        ("norm", 0, "instance", "instance"),
        ("activation", 0, "gelu", "gelu"),
        ("input_size", 1, 24, (16, 24)),
        ("decoder_depth", 0, "2", 2),
        ("decoder_kernel_size", 0, "3", (3, 3)),
        ("latent_shape", 0, "64", (64,)),
        ("final_norm", 0, True, True),
        ("downsampling", 0, "max_pool", "max_pool"),
        ("upsampling", 0, "pixel_shuffle", "pixel_shuffle"),
        ("skips", 0, "add", "add"),
        ("skip_align", 0, "crop", "crop"),
        ("block", 0, "residual", "residual"),
        ("convolution", 0, "separable", "separable"),
        ("attention", 0, "squeeze_excitation", "squeeze_excitation"),
        ("bottleneck", 0, True, True),
        ("init", 0, "kaiming_normal", "kaiming_normal"),
        (
            "overrides",
            0,
            "{'encoder.stage2.conv': {'kernel_size': 5}}",
            {"encoder.stage2.conv": {"kernel_size": 5}},
        ),
    ],
)
def test_a_control_changes_its_field_and_nothing_else(designer, field, position, value, expected):
    before = designer.design
    designer.controls.widgets[field][position].value = value
    assert designer.design == before.replace(**{field: expected})
    assert designer.wait()
    assert designer.stage.plan_view["key"] == key_of(designer.plan, designer.frames)
    assert messages(designer) == []


def test_every_field_of_the_design_has_a_control(designer):
    # Channels in and out are history and horizon.
    fields = set(cw.EncoderDecoder.model_fields) - {"in_channels", "out_channels"}
    assert set(designer.controls.widgets) == fields


@pytest.mark.parametrize(
    "design",
    [
        DEFAULT.replace(depth=5, kernel_size=(3, 31), stride=(1, 2), dilation=9),
        DEFAULT.replace(depth=2, channels=(7, 9), decoder_channels=(11,), padding=(1, 0)),
        DEFAULT.replace(latent_shape=(8, 2), latent_activation="tanh", input_size=(500, 7)),
        DEFAULT.replace(input_size=(40,)),
        DEFAULT.replace(input_size=(8, 9, 10), depth=1),
        cw.forecaster_base((32, 32), in_time_points=6, out_time_points=3, n_layers=2),
    ],
)
def test_a_design_given_in_code_moves_every_control(designer, design):
    designer.design = design
    assert designer.design == design
    assert designer.wait()
    # Reading all controls back gives the same design: what is shown is what it says.
    axes = len(design.input_size)
    for control in designer.controls.widgets:
        shown = [each for each in designer.controls.widgets[control] if is_shown(each)]
        value = getattr(design, control)
        if control == "input_size":
            assert tuple(each.value for each in shown) == value
        elif control in {"kernel_size", "stride", "dilation"}:
            several = len(shown) == axes and axes > 1
            assert tuple(each.value for each in shown) == (value if several else value[:1])
            assert several or len(set(value)) == 1
    assert designer.controls.widgets["depth"][0].value == design.depth
    assert designer.stage.plan_view["title"].startswith("EncoderDecoder")


def test_channels_by_hand_follow_the_depth(designer):
    designer.design = designer.design.replace(channels=(4, 8, 12))
    designer.controls.widgets["depth"][0].value = 5
    assert designer.design.channels == (4, 8, 12, 12, 12)
    designer.controls.widgets["depth"][0].value = 2
    assert designer.design.channels == (4, 8)
    designer.controls.manual_channels.value = "5, 6"
    assert designer.design.channels == (5, 6)
    designer.controls.widgets["channels"][0].value = "linear"
    assert designer.design.channels == "linear"


def test_channels_by_hand_follow_all_that_counts_stages(designer):
    """A number for the bottleneck, and one for the head that is not in a mirror image."""
    start = designer.design.replace(skips="none", channels=(4, 8, 12), decoder_channels=(9, 5))
    designer.design = start
    widgets = designer.controls.widgets
    widgets["bottleneck"][0].value = True
    assert designer.design.channels == (4, 8, 12, 12)
    assert designer.design.decoder_channels == (9, 5, 5)
    widgets["skips"][0].value = "concat"
    assert designer.design.decoder_channels == (9, 5, 5)
    widgets["depth"][0].value = 4
    assert designer.design.channels == (4, 8, 12, 12, 12)
    assert designer.design.decoder_channels == (9, 9, 5, 5)
    widgets["depth"][0].value = 1
    assert designer.design.channels == (4, 8)
    assert designer.design.decoder_channels == (5,)
    widgets["depth"][0].value = 3
    widgets["skips"][0].value = "none"
    widgets["bottleneck"][0].value = False
    assert designer.design == start
    widgets["decoder_depth"][0].value = "5"
    assert designer.design.decoder_channels == (9, 9, 9, 5)
    assert messages(designer) == []


def test_channels_by_hand_begin_with_those_of_the_law(designer):
    designer.controls.widgets["channels"][0].value = "by hand"
    assert designer.design.channels == (28, 56, 112)
    assert is_shown(designer.controls.manual_channels)
    designer.controls.manual_channels.value = "8, 16, 24"
    for depth in (5, 1, 3):
        designer.controls.widgets["depth"][0].value = depth
    assert designer.design.channels == (8, 16, 24)


def test_what_the_design_refuses_is_explained_and_the_control_goes_back(designer):
    designer.design = before = designer.design.replace(skips="concat", channels=(4, 8, 12))
    names = designer.controls.widgets["names"][0]
    names.value = "torchcnnbuilder"
    assert designer.design == before
    assert names.value == "stages"
    [message] = messages(designer)
    assert "mirror image" in message
    designer.controls.widgets["skips"][0].value = "none"
    names.value = "torchcnnbuilder"
    assert designer.design == before.replace(skips="none", names="torchcnnbuilder")
    assert messages(designer) == []


@pytest.mark.parametrize(
    "text",
    [
        "{'encoder.stage1.conv': {'kernel_size': 5}",
        "stage1",
        "3",
        "{'encoder.stage1.conv': 5}",
        "{'encoder.stage1.conv': {'kernel_size': -1}}",
        "{'encoder.stage1.conv': {'kernel': 5}}",
        "{'a': __import__('os')}",
        "[" * 500,
    ],
)
def test_overrides_that_are_none_are_one_sentence(designer, text):
    before = designer.design
    box = designer.controls.widgets["overrides"][0]
    box.value = text
    assert designer.design == before
    assert box.value == text
    [message] = messages(designer)
    assert "overrides" in message
    assert len(message) < 400


def test_overrides_are_shown_as_they_are_typed(designer):
    box = designer.controls.widgets["overrides"][0]
    designer.design = designer.design.replace(
        overrides={"encoder.stage1.conv": {"kernel_size": (5, 3)}}
    )
    assert box.value == "{'encoder.stage1.conv': {'kernel_size': (5, 3)}}"
    box.value = ""
    assert designer.design.overrides == ()


def test_a_control_that_counts_for_nothing_is_off(designer):
    widgets = designer.controls.widgets
    widgets["skips"][0].value = "none"
    assert widgets["skip_align"][0].disabled
    widgets["skips"][0].value = "add"
    assert not widgets["skip_align"][0].disabled
    assert widgets["dropout_p"][0].disabled
    widgets["norm"][0].value = "dropout"
    assert not widgets["dropout_p"][0].disabled


LATENT = {"latent_shape": (64,)}


@pytest.mark.parametrize(
    ("field", "values", "base", "counts"),
    [
        ("start_channels", (32, 16), {}, True),
        ("start_channels", (32, 16), {"channels": "power"}, False),
        ("start_channels", (32, 16), {"channels": "linear", "decoder_channels": "constant"}, True),
        ("channel_ratio", (2.0, 1.5), {}, True),
        ("channel_ratio", (2.0, 1.5), {"channels": "power"}, True),
        ("channel_ratio", (2.0, 1.5), {"channels": "linear"}, False),
        ("channel_ratio", (2.0, 1.5), {"channels": "constant"}, False),
        ("channel_ratio", (2.0, 1.5), {"channels": "proportion"}, False),
        ("channel_ratio", (2.0, 1.5), {"channels": (8, 16, 64)}, False),
        (
            "channel_ratio",
            (2.0, 1.5),
            {"channels": "linear", "decoder_channels": "exponential"},
            True,
        ),
        ("max_channels", (1024, 40), {}, True),
        ("max_channels", (1024, 3), {"channels": "power"}, True),
        ("max_channels", (1024, 3), {"channels": "linear"}, False),
        ("max_channels", (1024, 3), {"channels": "proportion"}, False),
        ("max_channels", (1024, 3), {"channels": "linear", "decoder_channels": "power"}, True),
        (
            "max_channels",
            (1024, 3),
            {"channels": "linear", "decoder_channels": "exponential"},
            False,
        ),
        ("latent_layers", (1, 2), {}, False),
        ("latent_layers", (1, 2), LATENT, True),
        ("latent_activation", ("none", "relu"), {}, False),
        ("latent_activation", ("none", "relu"), LATENT, True),
        ("final_norm", (False, True), {"norm": "none"}, False),
        ("final_norm", (False, True), {"norm": "batch"}, True),
        ("final_norm", (False, True), {"norm": "dropout"}, True),
        *(
            (field, values, {"upsampling": upsampling}, upsampling == "transpose")
            for upsampling in ("transpose", "nearest", "linear", "pixel_shuffle")
            for field, values in (
                ("output_padding", ("mirror", 1)),
                ("decoder_kernel_size", ("auto", 6)),
                ("decoder_padding", (None, 2)),
                ("decoder_dilation", (None, 2)),
            )
        ),
    ],
)
def test_a_control_is_on_where_its_field_makes_a_difference(designer, field, values, base, counts):
    designs = [DEFAULT.replace(**base, **{field: value}) for value in values]
    one, other = map(cw.plan, designs)
    assert ((one.rows, one.problems) != (other.rows, other.problems)) is counts
    designer.design = designs[0]
    assert designer.controls.widgets[field][0].disabled is not counts


def test_a_refused_text_stays_until_it_is_corrected_or_the_design_changes(designer):
    box = designer.controls.widgets["padding"][0]
    before = designer.design
    box.value = "some"
    designer.frames = designer.frames  # nothing of the design
    designer.controls.widgets["names"][0].value = "stages"
    assert box.value == "some"
    box.value = "1"
    assert (box.value, designer.design) == ("1, 1", before.replace(padding=1))
    assert messages(designer) == []
    box.value = "some"
    designer.controls.widgets["depth"][0].value = 2
    assert (box.value, messages(designer)) == ("1, 1", [])
    # Corrected to what it was.
    box.value = "some"
    box.value = "1"
    assert messages(designer) == []
    designer.controls.widgets["channels"][0].value = "by hand"
    by_hand = designer.controls.manual_channels
    by_hand.value = "8, 16, 32"
    assert by_hand.value == "8, 16, 32"
    assert len(messages(designer)) == 1
    designer.controls.widgets["depth"][0].value = 3
    assert by_hand.value != "8, 16, 32"


@pytest.mark.parametrize(
    ("field", "text"),
    [("padding", "some"), ("padding", "-1"), ("padding", "1,2,3"), ("latent_shape", "__import__")],
)
def test_what_is_no_value_is_a_sentence_and_nothing_is_lost(designer, field, text):
    before = designer.design
    designer.controls.widgets[field][0].value = text
    assert designer.design == before
    assert len(messages(designer)) == 1
    assert field in messages(designer)[0]
    designer.controls.widgets["depth"][0].value = 2
    assert messages(designer) == []


def test_a_network_by_hand_is_shown_without_sliders():
    network = DEFAULT.network()
    panel = cw.Designer(design=network)
    assert panel.wait()
    assert panel.stage.plan_view["title"].startswith("Network")
    assert panel.controls.widgets["depth"][0].disabled
    assert not is_shown(panel.controls.box)
    assert panel.controls.origin.value == (
        "This network has no sliders; it is made in code, as a cw.Network."
    )
    panel.design = DEFAULT
    assert is_shown(panel.controls.box)
    assert not is_shown(panel.controls.origin)
    assert not panel.controls.widgets["depth"][0].disabled
    panel.close()
