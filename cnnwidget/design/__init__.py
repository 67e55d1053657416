"""Designs of networks: values and integers, with pydantic and the standard library alone.

Read it from the bottom up: `value` (immutable records), `axes` (numbers per axis), `layers/`
(shapes, costs and taps of each layer), `network` (a tree of named layers), `families/` (settings
and their networks), `planning/` (rows and costs), `receptive/` (receptive fields), `advice/`
(problems, cautions and mends), `presets/`, `json_format`. All arithmetic about networks is here.
"""
