"""Transitions of the panel's state, without widgets and without torch."""

import subprocess
import sys

import numpy as np
import pytest

import cnnwidget as cw
from cnnwidget.design.presets.presets import presets
from cnnwidget.panel.state.change_data import (
    with_data,
    with_frames,
    with_missing,
    with_restored,
    with_sample_resized,
)
from cnnwidget.panel.state.change_design import (
    with_design,
    with_field,
    with_lengths,
    with_mended_design,
    with_own_design,
    with_preset,
)
from cnnwidget.panel.state.first_state import first_state
from cnnwidget.panel.state.state import GIVEN, OWN, USUAL, State
from cnnwidget.training.design_for_frames import usual_design
from cnnwidget.training.tasks.task_table import task_named

VALUES = np.random.default_rng(0).random((60, 24, 20))


@pytest.fixture
def on_sample() -> State:
    return first_state(None, None)


@pytest.fixture
def on_array() -> State:
    return first_state(VALUES, None)


def test_a_panel_opens_on_a_sample_with_the_usual_design(on_sample):
    assert on_sample.design == usual_design(task_named(on_sample.task), on_sample.frames)
    assert on_sample.preset == USUAL
    assert on_sample.is_sample(on_sample.frames)
    assert on_sample.lengths == (10, 5)
    assert on_sample.match.fits


def test_a_sample_opens_in_the_size_of_a_design_and_is_remembered_in_its_own():
    state = first_state(None, presets["denoiser"].replace(input_size=(96,)))
    assert state.frames.size == (96,)
    assert state.data.frames.size == (64, 64)


def test_frames_of_code_with_the_name_of_a_sample_are_that_sample(on_array):
    assert on_array.data.source == GIVEN
    assert with_frames(on_array, cw.sample("drifting blobs")).data.source == "drifting blobs"


def test_a_transition_changes_nothing(on_sample):
    before = (on_sample.design, on_sample.frames, on_sample.data, on_sample.lengths)
    with_field(on_sample, "depth", 5)
    with_preset(on_sample, "unet_same")
    with_frames(on_sample, VALUES)
    assert (on_sample.design, on_sample.frames, on_sample.data, on_sample.lengths) == before


def test_a_list_of_states_is_all_that_undo_takes(on_sample):
    """The same steps from an earlier state lead to an equal state."""
    states = [on_sample]
    for step in (
        lambda state: with_field(state, "channels", (4, 8, 12)),
        lambda state: with_field(state, "depth", 1),
        lambda state: with_preset(state, "unet_same"),
        lambda state: with_lengths(with_own_design(state), 7, 3),
    ):
        states.append(step(states[-1]))
    again = with_field(states[2], "depth", 3)
    assert again.design.channels == (4, 8, 12)
    assert with_preset(states[2], "unet_same") == states[3]
    assert states[4].design.channels == (4,)
    assert states[4].lengths == (7, 3)


def test_what_cannot_be_raises(on_sample, on_array):
    with pytest.raises(cw.DesignError, match="depth"):
        with_field(on_sample, "depth", 0)
    with pytest.raises(cw.DesignError, match="is no design"):
        with_design(on_sample, 3)
    with pytest.raises(cw.DataError):
        with_frames(on_sample, None)
    with pytest.raises(cw.DataError, match="no number that is finite"):
        with_missing(with_frames(on_array, np.full((30, 8, 8), np.nan)), "fill")


def test_a_design_in_code_says_the_lengths_and_a_mend_does_not(on_sample):
    other = on_sample.design.replace(in_channels=7, out_channels=3)
    assert with_design(on_sample, other).lengths == (7, 3)
    assert with_mended_design(on_sample, other).lengths == (10, 5)
    assert with_mended_design(on_sample, other).shown_lengths == (7, 3)


def test_lengths_that_short_data_do_not_allow_come_back(on_array):
    short = with_frames(on_array, VALUES[:16])
    assert (short.lengths, short.shown_lengths) == ((10, 5), (6, 4))
    assert with_frames(short, VALUES).shown_lengths == (10, 5)
    assert with_lengths(short, 3, 2).lengths == (3, 2)
    # The same design again asks for nothing.
    assert with_design(short, short.design.replace()) is short


def test_other_data_fit_the_design_to_them(on_sample):
    deep = with_field(on_sample, "depth", 2)
    state = with_frames(deep, VALUES)
    assert state.design == deep.design.replace(input_size=(24, 20))
    assert state.match.fits


def test_a_network_stays_as_it_is_with_other_data(on_sample):
    state = with_frames(with_preset(on_sample, "resnet18"), VALUES)
    assert state.design == presets["resnet18"]
    assert state.shown_lengths == (10, 5)


def test_missing_values_are_treated_and_come_back(on_array):
    values = VALUES.copy()
    values[3, 2, 1] = np.nan
    state = with_frames(on_array, values)
    filled = with_missing(state, "fill")
    assert (filled.data.missing, filled.frames.missing) == ("fill", "refuse")
    assert np.isfinite(filled.frames.values).all()
    assert filled.data.read is state.data.read
    again = with_missing(filled, "refuse")
    assert np.isnan(again.frames.values[3, 0, 2, 1])
    left_out = with_data(state, "a variable", state.data.read, "leave out")
    assert (left_out.data.source, left_out.frames.missing) == ("a variable", "leave out")


def test_the_own_design_is_remembered_when_a_preset_is_chosen(on_sample):
    own = with_lengths(with_field(on_sample, "depth", 4), 7, 5)
    assert own.own is None
    state = own
    for name in ("unet_same", "denoiser", USUAL, "resnet18"):
        state = with_preset(state, name)
        assert state.preset == name
        assert state.own_to_return_to == own.design
    back = with_preset(state, OWN)
    assert (back.design, back.frames, back.lengths) == (own.design, own.frames, (7, 5))
    assert back.own_to_return_to is None
    # A preset that is left for another one is not one's own.
    assert with_preset(with_preset(on_sample, "unet_same"), USUAL).own is None
    assert with_own_design(on_sample) is on_sample


def test_the_usual_design_says_the_lengths_and_a_preset_does_not(on_sample):
    moved = with_lengths(on_sample, 7, 3)
    assert with_preset(moved, "unet_same").lengths == (7, 3)
    assert with_preset(moved, USUAL).lengths == (10, 5)


def test_a_sample_follows_the_design_and_other_data_do_not(on_sample, on_array):
    wide = with_field(on_sample, "input_size", (80, 48))
    assert wide.frames.size == (64, 64)  # until it is settled
    followed = with_sample_resized(wide)
    assert followed.frames.size == (80, 48)
    assert followed.data is wide.data
    assert with_sample_resized(followed) is followed
    long = with_sample_resized(with_lengths(on_sample, 60, 40))
    assert long.frames.steps == 300
    own = with_field(on_array, "input_size", (80, 48))
    assert with_sample_resized(own) is own


@pytest.mark.parametrize("size", [(1024, 1024), (4, 4), (8, 8, 8)])
def test_a_sample_does_not_follow_where_it_cannot(on_sample, size):
    """Larger than anyone waits for, too small to show anything, of other axes."""
    vortex = cw.sample("rotating vortex")
    state = with_data(on_sample, "rotating vortex", vortex, "refuse")
    other = state.design.replace(input_size=size, depth=1)
    state = with_mended_design(state, other)
    assert with_sample_resized(state) is state


def test_a_training_is_restored_with_its_data(on_sample, on_array):
    small = with_sample_resized(with_field(on_sample, "input_size", (32, 32)))
    state = with_restored(on_sample, small.design, small.frames)
    assert (state.design, state.frames, state.data) == (small.design, small.frames, on_sample.data)
    other = with_restored(on_sample, on_array.design, on_array.frames)
    assert (other.design, other.frames) == (on_array.design, on_array.frames)
    assert other.data.source == GIVEN
    # Data that are there already are not read anew.
    same = with_restored(on_array, on_array.design.replace(depth=2), cw.load(VALUES))
    assert same.frames is on_array.frames


def test_the_key_differs_for_other_designs_and_other_data(on_array):
    keys = {
        on_array.key,
        with_field(on_array, "depth", 2).key,
        with_frames(on_array, VALUES[:30]).key,
        with_missing(on_array, "leave out").key,
    }
    assert len(keys) == 4
    assert with_lengths(on_array, 10, 5).key == on_array.key


def test_transitions_need_no_torch_and_no_widgets():
    code = (
        "import sys\n"
        "from cnnwidget.panel.state.change_design import with_preset\n"
        "from cnnwidget.panel.state.first_state import first_state\n"
        "with_preset(first_state(None, None), 'unet')\n"
        "print(sorted({'torch', 'ipywidgets', 'anywidget'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
