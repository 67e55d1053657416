"""The figures of a network that the panel shows."""


def test_memory_to_train_follows_the_batch(designer):
    def figure():
        assert designer.wait()
        [told] = [f for f in designer.stage.plan_view["totals"] if f["label"] == "memory to train"]
        return told

    designer.settings.batch_size.value = 1
    one = figure()
    assert "one sample and adam" in one["hint"]
    designer.settings.batch_size.value = 256
    many = figure()
    assert "batches of 256" in many["hint"]
    assert many["value"] != one["value"]
