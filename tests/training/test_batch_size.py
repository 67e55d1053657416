"""The default batch size, by costs and counts."""

import cnnwidget as cw
from cnnwidget.design.planning.plan import plan_of
from cnnwidget.training.batch_size import default_batch_size
from cnnwidget.training.recipe import Recipe
from tests.training.samples import PLANE, noise


def test_a_batch_is_larger_where_there_is_more_and_smaller_where_it_costs():
    plan = plan_of(PLANE)
    sizes = [default_batch_size(plan, count) for count in (1, 50, 100, 200, 10_000)]
    assert sizes == [4, 4, 8, 16, 16]
    costly = plan_of(PLANE.replace(input_size=(512, 512), start_channels=1024, max_channels=1024))
    assert default_batch_size(costly, 10_000) == 1
    assert cw.train(PLANE, noise(30, 8, 8)).recipe.batch_size == 4
    assert Recipe(pre_history_len=1, forecast_len=1, batch_size=3, epochs=1).batch_size == 3
