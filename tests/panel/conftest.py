"""A panel for the tests of this folder."""

import pytest

import cnnwidget as cw


@pytest.fixture
def designer():
    """A panel on small frames, with everything drawn."""
    panel = cw.Designer(cw.sample("circling shape", size=(16, 16), steps=60))
    assert panel.wait()
    yield panel
    panel.close()
    panel.wait()
