"""What a network is: values and integers, on pydantic and the standard library alone.

Read it from the bottom up: `value` (immutable records), `axes` (numbers per axis), `layer`,
`convolution` and `layers` (what each layer does to a shape), `network` (a tree of named layers),
`families`, `expand` and `mirror` (what sliders say, and the network that it means), `rows`,
`mends`, `problems`, `cautions` and `plan` (the answer), `notation` (designs as JSON). All
arithmetic of the package is here.
"""
