"""The panel: a widget that shows a design, trains it on data and collects the runs.

`designer` wires the parts together. `state` is one frozen value with its transitions, `controls`
ask for them, `views` draw the state as data for the scripts in `static`, and `jobs` are the threads
that draw, train and check.
"""
