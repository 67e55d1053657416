"""The panel in a real JupyterLab: the whole road, as a newcomer goes it."""

import ipykernel
import numpy as np
import pytest
from playwright.sync_api import expect

import cnnwidget as cw
from cnnwidget.design.presets.presets import presets
from tests.browser.contrast import read
from tests.browser.panel import FIT, SOON

DEFAULT = cw.EncoderDecoder(input_size=(64, 64), in_channels=10, out_channels=5)
HUNGRY = DEFAULT.replace(depth=5, kernel_size=5, padding="valid")


def test_sliders_move_the_table_and_the_diagram(panel):
    panel.shows(cw.plan(DEFAULT))
    # The first test in this kernel: a fit brings torch, and it stays.
    assert panel.python("import sys; print('torch' in sys.modules)") == "False"
    # By keyboard.
    panel.slider("depth").focus()
    panel.page.keyboard.press("ArrowRight")
    panel.shows(cw.plan(DEFAULT.replace(depth=4)))
    assert panel.design == repr(DEFAULT.replace(depth=4))
    # By drag, to the far left.
    handle = panel.slider("depth").bounding_box()
    panel.page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    panel.page.mouse.down()
    for step in range(1, 9):
        panel.page.mouse.move(handle["x"] - 25 * step, handle["y"] + handle["height"] / 2)
    panel.page.mouse.up()
    panel.shows(cw.plan(DEFAULT.replace(depth=1)))
    assert panel.design == repr(DEFAULT.replace(depth=1))
    # From code: the sliders move.
    panel.python("designer.design = designer.design.replace(depth=2, kernel_size=(3, 5))")
    panel.shows(cw.plan(DEFAULT.replace(depth=2, kernel_size=(3, 5))))
    expect(panel.slider("depth")).to_have_attribute("aria-valuetext", "2")
    expect(panel.slider("kernel width")).to_have_attribute("aria-valuetext", "5")
    # The sample data follow the size that is asked for.
    panel.slider("height").focus()
    panel.page.keyboard.press("ArrowLeft")
    expect(panel.find(".cnn-data-line")).to_contain_text("1 × 63 × 64", timeout=SOON)
    expect(panel.button("fit")).to_be_enabled()


def test_what_a_hand_does_beside_the_sliders(panel):
    """A number typed and left, a fold opened by keyboard, a press too many."""
    panel.control("depth").locator(".widget-readout").fill("5")
    panel.page.keyboard.press("Tab")
    panel.shows(cw.plan(DEFAULT.replace(depth=5)))
    fold = panel.find(".cnnwidget-folded [role=button]").first
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.focus()
    panel.page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    panel.control("convs a stage").locator(".widget-readout").fill("2")
    panel.page.keyboard.press("Tab")
    panel.shows(cw.plan(DEFAULT.replace(depth=5, convs_per_stage=2)))
    panel.shoot("folds")
    panel.train_for(2, "epochs")
    panel.button("fit").dblclick()
    panel.has_state("continue", "restart")
    assert panel.python("print(len(designer.run.history), designer.run.ending)") == "2 finished"


def test_a_broken_design_is_explained_and_mended_by_a_click(panel):
    panel.slider("depth").focus()
    for _ in range(2):
        panel.page.keyboard.press("ArrowRight")
    panel.slider("kernel").focus()
    for _ in range(2):
        panel.page.keyboard.press("ArrowRight")
    panel.type("padding", "valid")
    panel.shows(cw.plan(HUNGRY))
    [problem] = cw.plan(HUNGRY).problems
    note = panel.find(".cnn-problem[data-kind=problem]")
    expect(note).to_contain_text(problem.layer)
    expect(note).to_contain_text(problem.reason)
    expect(panel.button("fit")).to_be_disabled()
    panel.shoot("problem")
    mend = problem.mends[1]
    note.locator(".cnn-mend", has_text=mend.change).click()
    panel.shows(cw.plan(mend.design))
    assert panel.design == repr(mend.design)
    expect(panel.button("fit")).to_be_enabled()
    # What is no value is refused in a sentence, and nothing is lost.
    panel.type("padding", "some")
    expect(panel.find(".cnn-message")).to_contain_text("padding is 'some', but must be")
    assert panel.design == repr(mend.design)
    panel.find(".cnn-dismiss").click()
    expect(panel.find(".cnn-message")).to_have_count(0)


def test_presets_are_shown_and_there_is_a_way_back(panel):
    """A classifier is looked at, layer by layer and by keyboard; then the usual net is back."""
    residual = cw.plan(presets["resnet18"])
    panel.choose("preset", "ResNet-18")
    panel.shows(residual)
    note = panel.find(".cnn-problem[data-kind=purpose]")
    expect(note).to_contain_text("To look at, not to fit")
    expect(panel.button("fit")).to_be_disabled()
    expect(panel.slider("depth")).to_have_count(0)
    expect(panel.control("skips")).to_have_count(0)
    expect(panel.find(".cnnwidget-controls")).to_contain_text("This network has no sliders")
    expect(panel.find(".cnnwidget-caption a")).to_have_attribute("rel", "noopener noreferrer")
    # Two steps down in the table, held; the pointer elsewhere shows another, and then it again.
    table = panel.find(".cnn-table-box")
    table.focus()
    for key in ("Home", "ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        panel.page.keyboard.press(key)
    pool = residual.rows[3]
    expect(panel.find(".cnn-fact-title b")).to_have_text(pool.name)
    expect(panel.fact("size")).to_have_text(pool.formula)
    expect(panel.fact("shape")).to_have_text("64 × 112 × 112 → 64 × 56 × 56")
    expect(panel.fact("sees")).to_contain_text("11 × 11 pixels")
    join = next(row for row in residual.rows if row.kind == "Skip")
    panel.find(f"tr[data-layer='{join.name}']").hover()
    expect(panel.find(".cnn-fact-title b")).to_have_text(join.name)
    expect(panel.find("tr.cnn-given")).to_have_count(2)
    panel.find(".cnn-title").hover()
    expect(panel.find(".cnn-fact-title b")).to_have_text(pool.name)
    expect(panel.find(".cnn-table tr.cnn-pinned td").last).to_have_text("11")
    panel.shoot("resnet")
    # Hundreds of layers are drawn, too.
    panel.choose("preset", "ResNet-152")
    panel.shows(cw.plan(presets["resnet152"]))
    note.locator(".cnn-mend").click()
    panel.shows(cw.plan(DEFAULT))
    expect(panel.button("fit")).to_be_enabled()
    # A net of sliders moves them, and is none of the presets when they are moved.
    panel.choose("preset", "U-Net, padded")
    panel.shows(cw.plan(presets["unet_same"]))
    expect(panel.slider("depth")).to_have_attribute("aria-valuetext", "4")
    panel.slider("depth").focus()
    panel.page.keyboard.press("ArrowLeft")
    expect(panel.control("preset").locator("select option:checked")).to_have_text("—")
    panel.shows(cw.plan(presets["unet_same"].replace(depth=3)))
    panel.find(".cnn-mend").first.click()
    fitted = presets["unet_same"].replace(
        depth=3, input_size=(64, 64), in_channels=10, out_channels=5
    )
    panel.shows(cw.plan(fitted))
    panel.shoot("unet")


def test_what_one_has_made_comes_back_after_a_look_at_presets(panel):
    own = DEFAULT.replace(depth=4)
    panel.slider("depth").focus()
    panel.page.keyboard.press("ArrowRight")
    panel.shows(cw.plan(own))
    panel.choose("preset", "ResNet-18")
    panel.shows(cw.plan(presets["resnet18"]))
    panel.find(".cnn-problem[data-kind=purpose]").locator(
        ".cnn-mend", has_text="back to my design"
    ).click()
    panel.shows(cw.plan(own))
    panel.choose("preset", "Denoising autoencoder of signals")
    panel.shows(cw.plan(presets["denoiser"]))
    panel.shoot("denoiser")
    panel.choose("preset", "—")
    panel.shows(cw.plan(own))
    expect(panel.button("fit")).to_be_enabled()


def test_the_fields_of_a_modern_net(panel):
    design = DEFAULT.replace(
        downsampling="max_pool", upsampling="nearest", skips="add", block="residual"
    )
    panel.choose("down", "max_pool")
    panel.choose("up", "nearest")
    panel.choose("skips", "add")
    panel.choose("block", "residual")
    panel.shows(cw.plan(design))
    panel.find(".cnnwidget-folded [role=button]").first.click()
    panel.choose("attention", "squeeze_excitation")
    panel.find(".widget-checkbox:has-text('bottleneck') input").check()
    panel.type("overrides", "{'encoder.stage1.conv1': {'kernel_size': 5}")
    expect(panel.find(".cnn-message")).to_contain_text("must be layers by name", timeout=SOON)
    typed = panel.control("overrides").locator("input")
    expect(typed).to_have_value("{'encoder.stage1.conv1': {'kernel_size': 5}")
    design = design.replace(attention="squeeze_excitation", bottleneck=True)
    name = next(row.name for row in cw.plan(design).rows if row.kind == "Conv2d")
    panel.type("overrides", f"{{'{name}': {{'kernel_size': 5}}}}")
    design = design.replace(overrides={name: {"kernel_size": 5}})
    panel.shows(cw.plan(design))
    assert panel.design == repr(design)
    panel.shoot("fields")


def test_fit_stop_continue_and_take_it_home(panel):
    panel.page.emulate_media(reduced_motion="reduce")  # for a picture without half-faded colours
    panel.train_for(40, "epochs")
    panel.press("fit")
    expect(panel.find(".cnn-curve path[data-line=validation]")).to_be_visible(timeout=FIT)
    drawn = panel.find(".cnn-curve path[data-line=validation]").get_attribute("d")
    expect(panel.find(".cnn-baseline")).to_have_count(6)
    expect(panel.find(".cnn-frames canvas[data-frame=prediction]")).to_be_visible(timeout=SOON)
    # The sliders are alive meanwhile, and the curve says whose it is.
    panel.slider("depth").focus()
    panel.page.keyboard.press("ArrowLeft")
    panel.shows(cw.plan(DEFAULT.replace(depth=2)))
    expect(panel.find(".cnn-belongs")).to_contain_text(repr(DEFAULT))
    path = panel.find(".cnn-curve path[data-line=validation]")
    expect(path).not_to_have_attribute("d", drawn, timeout=SOON)
    panel.find(".cnn-restore").click()
    panel.shows(cw.plan(DEFAULT))
    panel.has_state("continue", "restart")
    expect(panel.find("p.cnn-verdict")).to_contain_text("Beats every baseline at every lead time")
    assert panel.colours("canvas[data-frame=prediction]") > 20
    panel.find(".cnn-step").focus()
    panel.page.keyboard.press("End")
    expect(panel.find(".cnn-skill tbody tr")).to_have_count(5)
    panel.find(".cnn-title").click()
    panel.shoot("fitted")
    # The next cell reads the run.
    assert panel.python("print(designer.run.ending, designer.run.skill.total > 0.3)") == (
        "finished True"
    )
    assert panel.python("print(designer.run.forecast(steps=8).shape)") == "(8, 64, 64)"
    # A second run, stopped: twice, as impatient people do.
    panel.press("restart")
    panel.passes_epoch(20, of=40)  # sooner, a stop would be the second half of a double click
    panel.page.evaluate(
        """() => { const stop = document.querySelector(".cnn-button[data-op=stop]");
                  window.pressed = performance.now(); stop.click(); stop.click(); }"""
    )
    panel.has_state("continue", "restart")
    assert panel.python("print(designer.run.ending, designer.run.best is not None)") == (
        "stopped True"
    )
    epochs = int(panel.python("print(len(designer.run.history))"))
    panel.press("continue")
    expect(panel.button("stop")).to_be_visible()
    panel.passes_epoch(epochs, of=40)
    panel.press("stop")
    panel.has_state("continue", "restart")
    panel.press("save")
    expect(panel.find(".cnn-saved")).to_contain_text("cnnwidget-run-1", timeout=SOON)
    assert (
        panel.python(
            "import numpy as np\n"
            "run = cw.load_run('cnnwidget-run-1')\n"
            "told = np.load('cnnwidget-run-1/forecast.npy')\n"
            "print(run.design == designer.design, np.array_equal(told, run.forecast()))"
        )
        == "True True"
    )


def test_a_fit_that_is_stopped_before_its_first_epoch(panel):
    """While PyTorch is loading, however long, the button says at once that it was heard."""
    panel.python(
        "import time, cnnwidget.training.fit as module\n"
        "kept = module.train\n"
        "def slow(*given, **named):\n"
        "    time.sleep(3)\n"
        "    return kept(*given, **named)\n"
        "module.train = slow"
    )
    panel.press("fit")
    expect(panel.button("stop")).to_be_visible(timeout=SOON)
    panel.page.wait_for_timeout(650)  # sooner, it would be the second half of a double click
    told = panel.button("stop").evaluate("stop => (stop.click(), stop.textContent)")
    assert told == "Stopping…"
    expect(panel.find(".cnn-line")).to_have_text("stopping, once PyTorch is loaded", timeout=SOON)
    expect(panel.button("stop")).to_have_text("Stopping…")
    panel.has_state("continue", "restart")
    expect(panel.find(".cnn-line")).to_have_text("Stopped within epoch 1: no curve yet.")
    curve = panel.find(".cnn-curve[aria-label^=Loss]")
    expect(curve).to_contain_text("Stopped within epoch 1: no curve yet.")
    panel.python("module.train = kept")
    panel.shoot("stopped")


def test_the_same_fit_without_the_widget_has_the_same_curve(panel):
    panel.train_for(4, "epochs")
    panel.press("fit")
    panel.has_state("continue", "restart")
    assert (
        panel.python(
            "frames = cw.sample('circling shape')\n"
            "again = cw.fit(designer.design, frames, epochs=4, progress=False)\n"
            "losses = lambda run: [(each.train, each.validation) for each in run.history]\n"
            "print(len(again.history), losses(again) == losses(designer.run))"
        )
        == "4 True"
    )


def test_the_options_of_a_recipe_are_trained_with(panel):
    panel.find(".cnnwidget-folded [role=button]").last.click()
    panel.choose("loss", "huber")
    panel.choose("optimizer", "adamw")
    panel.choose("weight decay", "0.01")
    panel.choose("lr schedule", "one_cycle")
    panel.type("patience", "7")
    panel.choose("augment", ["flip", "noise"])
    panel.choose("adds to", "persistence")
    panel.shoot("recipe")
    panel.train_for(2, "epochs")
    panel.button("fit").click()
    panel.has_state("continue", "restart")
    recipe = "designer.run.recipe"
    names = ("loss", "optimizer", "weight_decay", "schedule", "patience", "augment", "reference")
    told = panel.python(f"print(*[getattr({recipe}, name) for name in {names}], sep='; ')")
    assert told == "huber; adamw; 0.01; one_cycle; 7; ('flip', 'noise'); persistence"
    panel.shoot("recipe fitted")


def test_an_upload_of_ones_own_is_fitted(panel, tmp_path):
    """What a newcomer does with a file: choose, press, and there is a forecast."""
    rows, columns = np.mgrid[:24, :32]
    steps = np.arange(90)[:, None, None]
    waves = np.sin(0.4 * rows + 0.3 * columns - 0.5 * steps) * 7 + 20
    np.save(tmp_path / "waves.npy", waves.astype(np.float64))
    panel.choose("data", "an upload")
    panel.upload(tmp_path / "waves.npy")
    expect(panel.find(".cnn-data-line")).to_contain_text("waves.npy", timeout=SOON)
    expect(panel.find(".cnn-data-line")).to_contain_text("90 frames of 1 × 24 × 32, float64")
    expect(panel.find(".cnn-title")).to_contain_text("10 × 24 × 32 → 5 × 24 × 32")
    panel.train_for(25, "epochs")
    panel.press("fit")
    panel.has_state("continue", "restart")
    expect(panel.find("p.cnn-verdict")).to_contain_text("Beats every baseline at every lead time")
    panel.shoot("upload")
    told = panel.python("print(*designer.run.forecast().mean(axis=(1, 2)).round(1))")
    assert all(15 < float(mean) < 25 for mean in told.split())
    # What is too large for the socket is not sent, and said.
    np.save(tmp_path / "large.npy", np.zeros((100, 150, 150), "float32"))
    panel.upload(tmp_path / "large.npy")
    expect(panel.find(".cnn-message")).to_contain_text("an upload may have up to 7 MB")
    # A strange file is one sentence, and the data stay.
    (tmp_path / "strange.npy").write_bytes(b"\x93NUMPY\x01\x00 nothing that numpy wrote")
    panel.upload(tmp_path / "strange.npy")
    expect(panel.find(".cnn-message").last).to_contain_text("strange.npy", timeout=SOON)
    expect(panel.find(".cnn-data-line")).to_contain_text("waves.npy")


def test_a_variable_of_the_notebook_and_a_path(panel, tmp_path):
    panel.choose("data", "a variable")
    panel.python("import numpy as np\nfield = np.random.default_rng(0).random((40, 2, 16, 20))")
    chosen = panel.control("variable").locator("select")
    expect(chosen.locator("option", has_text="field")).to_have_count(1, timeout=SOON)
    chosen.select_option("field")
    expect(panel.find(".cnn-data-line")).to_contain_text("40 frames of 2 × 16 × 20", timeout=SOON)
    expect(panel.find(".cnn-title")).to_contain_text("20 × 16 × 20 → 10 × 16 × 20")
    np.save(tmp_path / "signal.npy", np.zeros((60, 100), "float32"))
    panel.choose("data", "a file by its path")
    panel.type("path", str(tmp_path / "signal.npy"))
    expect(panel.find(".cnn-title")).to_contain_text("10 × 100 → 5 × 100", timeout=SOON)
    panel.type("path", "nowhere.npy")
    expect(panel.find(".cnn-message")).to_contain_text("nowhere.npy", timeout=SOON)


def test_a_callback_that_fails_says_so_in_the_panel(panel):
    panel.python(
        "def broken(history, horizon): raise RuntimeError('the sky fell')\n"
        "designer.data.on_lengths = broken"
    )
    panel.slider("history").focus()
    panel.page.keyboard.press("ArrowRight")
    expect(panel.find(".cnn-message")).to_contain_text("RuntimeError: the sky fell", timeout=SOON)


def test_stop_is_heard_while_a_cell_blocks(panel):
    panel.train_for(60)
    panel.press("fit")
    panel.passes_epoch(20)  # sooner, it would be the second half of a double click
    panel.start("import time\ntime.sleep(20)")
    panel.press("stop")
    panel.has_state("continue", "restart")
    # Before ipykernel 7 a kernel hears nothing until the cell has ended.
    expected = "running" if ipykernel.version_info[0] >= 7 else "over"
    assert panel.page.evaluate("() => window.started") == expected
    panel.interrupt()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_everything_can_be_read_in_both_themes(panel, theme):
    panel.lab.theme(theme)
    panel.python("designer.design = designer.design.replace(decoder_kernel_size=3, depth=2)")
    expect(panel.find(".cnn-problem[data-kind=caution]").first).to_be_visible(timeout=SOON)
    panel.train_for(3, "epochs")
    panel.press("fit")
    panel.has_state("continue", "restart")
    panel.shoot("panel")
    texts = panel.find(
        ":is(.cnn-title, .cnn-total dt, .cnn-total dd, .cnn-problem, .cnn-mend, .cnn-line, "
        "p.cnn-verdict, .cnn-split, .cnn-button, .cnn-tab, .cnn-table td, .widget-label, "
        ".cnnwidget-heading):not([disabled]):visible"
    )
    assert read(texts) > 60


def test_a_narrow_window(panel):
    panel.page.set_viewport_size({"width": 480, "height": 1400})
    expect(panel.find(".cnnwidget-stage[data-width=tiny]")).to_be_visible(timeout=SOON)
    wide = panel.page.locator(".cnnwidget-panel").first.evaluate(
        "panel => panel.scrollWidth - panel.clientWidth"
    )
    assert wide <= 1
    zooms = panel.find(".cnn-zooms[aria-label^=Size]").bounding_box()
    stage = panel.find(".cnn-diagram-box").bounding_box()
    assert zooms["x"] + zooms["width"] <= stage["x"] + stage["width"] + 1
    panel.choose("preset", "ResNet-18")
    expect(panel.find(".cnnwidget-caption a")).to_be_visible(timeout=SOON)
    panel.shoot("narrow")
