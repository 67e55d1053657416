"""Operations of the page, and what it may write."""


def test_an_operation_is_heard_once_however_often_the_page_repeats_it(designer):
    heard = []
    designer.stage._on_op = lambda op: heard.append(op["seq"])
    ops = [{"seq": number, "op": "nothing"} for number in (1, 2, 3)]
    designer.stage.set_state({"intent": {"page": "b", "ops": ops[:1]}})
    designer.stage.set_state({"intent": {"page": "b", "ops": ops}})
    designer.stage.set_state({"intent": {"page": "c", "ops": ops[:1]}})
    designer.stage.set_state({"intent": {"page": 3, "ops": None}})
    assert heard == [1, 2, 3, 1]


def test_the_page_writes_nothing_but_its_wishes(designer):
    before = dict(designer.stage.plan_view)
    designer.stage.set_state({"plan_view": {}, "truth": b"", "fit_view": {"state": "finished"}})
    assert designer.stage.plan_view == before
    assert designer.stage.fit_view["state"] == "idle"
