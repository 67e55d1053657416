"""What the panel costs, and how soon its first fit is of use: run with `make bench`."""

import time
from threading import Thread

import cnnwidget as cw

SECONDS_OF_THE_FIRST_FIT = 30


def drawn(panel):
    """Seconds until everything that is wanted has been drawn."""
    began = time.perf_counter()
    assert panel.wait()
    return time.perf_counter() - began


def test_the_first_fit_beats_every_baseline(capsys):
    """Nothing set: Designer(), Fit. From the press to the verdict, torch included."""
    panel = cw.Designer()
    drawn(panel)
    began = time.perf_counter()
    panel.fit()
    assert panel.wait()
    seconds = time.perf_counter() - began
    run = panel.run
    with capsys.disabled():
        print(
            f"\nfirst fit on {run.data_name}: {seconds:.1f} s, {len(run.history)} epochs of "
            f"{cw.plan(run.design).params:,} parameters. {run.skill.sentence}"
        )
    assert run.split.test
    assert run.skill.beats_all
    assert seconds < SECONDS_OF_THE_FIRST_FIT
    panel.close()


def test_a_slider_that_moves(capsys):
    """From the change of a control to the views that are sent, the page not counted."""
    panel = cw.Designer()
    drawn(panel)
    slider = panel.controls.widgets["start_channels"][0]
    for depth in (3, 8):
        panel.design = panel.design.replace(depth=depth)
        drawn(panel)
        calls, views = [], []
        for channels in range(10, 30):
            time.sleep(0.12)  # the drawing thread rests between two drawings
            key = panel.stage.diagram_view["key"]
            began = time.perf_counter()
            slider.value = channels
            calls.append(time.perf_counter() - began)
            while panel.stage.diagram_view["key"] == key:
                time.sleep(0.0005)
            views.append(time.perf_counter() - began)
        call, view = sorted(calls)[10], sorted(views)[10]
        with capsys.disabled():
            print(
                f"\ndepth {depth}: callback {1e3 * call:.1f} ms, table and diagram sent after "
                f"{1e3 * view:.1f} ms"
            )
    panel.close()


def test_drawing_beside_training(capsys):
    """The panel's training beside the plain loop, in turns.

    The plain one has a thread of its own, too: OpenMP keeps workers for each thread that computes,
    and after a training in the main thread any other takes about twice as long on two cores.
    """
    panel = cw.Designer()
    drawn(panel)
    panel.settings.budget.unit.value = "epochs"
    panel.settings.budget.amount.value = 40
    ratios = []
    for _ in range(3):
        plain = cw.train(panel.design, panel.frames, epochs=40)
        thread = Thread(target=lambda plain=plain: list(plain))
        thread.start()
        thread.join()
        panel.fit()
        assert panel.wait()
        ratios.append(plain.history[-1].seconds / panel.run.history[-1].seconds)
    with capsys.disabled():
        print(f"\npanel at {' / '.join(f'{ratio:.2f}' for ratio in ratios)} of the plain loop")
    panel.close()
