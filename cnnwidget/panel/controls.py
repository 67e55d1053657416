"""Which control stands for which field of a design: one table, read in both directions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

import ipywidgets as widgets

from cnnwidget.design.axes import per_axis
from cnnwidget.design.channels import ChannelLaw
from cnnwidget.design.errors import DesignError
from cnnwidget.design.families import EncoderDecoder
from cnnwidget.design.layers import ActivationName, ResizeMode
from cnnwidget.design.value import shortened

LAWS = get_args(ChannelLaw)
ACTIVATIONS = get_args(ActivationName)
BY_HAND = "by hand"
AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
# An axis has this many sliders at most; those that are not needed are hidden, never rebuilt.
MOST_AXES = 3

Kind = Literal["slider", "axes", "choice", "text", "box", "float"]


class Control(NamedTuple):
    """One row of the panel.

    Attributes:
        field: of `EncoderDecoder`.
        label: what stands before it.
        kind: slider (a whole number), axes (one for each axis, or one for all), choice, text
            (numbers or a word), box (yes or no), float.
        low, high: of a slider; beyond, it grows with what it is given.
        options: of a choice.
        folded: whether it is among the rest, folded away.
        hint: what it means.
    """

    field: str
    label: str
    kind: Kind
    low: int = 1
    high: int = 8
    options: tuple[str, ...] = ()
    folded: bool = False
    hint: str = ""


TABLE = (
    Control("input_size", "input", "axes", 1, 256, hint="pixels of the input along each axis"),
    Control("depth", "depth", "slider", 1, 8, hint="stages of the encoder"),
    Control("start_channels", "channels", "slider", 1, 128, hint="channels of the first stage"),
    Control(
        "channels",
        "channel law",
        "choice",
        options=LAWS,
        hint="how channels grow from stage to stage",
    ),
    Control("kernel_size", "kernel", "axes", 1, 15, hint="kernel_size of every convolution"),
    Control("stride", "stride", "axes", 1, 6, hint="stride of the first convolution of a stage"),
    Control(
        "padding",
        "padding",
        "text",
        options=("same", "valid", "0", "1", "2", "3"),
        hint="same, valid, a number, or one per axis: 1, 2",
    ),
    Control("dilation", "dilation", "axes", 1, 6, hint="spacing of the kernel's elements"),
    Control(
        "norm",
        "norm",
        "choice",
        options=("none", "batch", "instance", "dropout"),
        hint="after each convolution",
    ),
    Control("activation", "activation", "choice", options=ACTIVATIONS),
    Control("convs_per_stage", "convs a stage", "slider", 1, 4, folded=True),
    Control(
        "channel_ratio",
        "channel ratio",
        "float",
        folded=True,
        hint="factor of the law exponential, exponent of power",
    ),
    Control(
        "max_channels", "most channels", "slider", 1, 1024, folded=True, hint="where growth stops"
    ),
    Control(
        "decoder_depth",
        "decoder depth",
        "text",
        options=("None", "1", "2", "3", "4", "5", "6"),
        folded=True,
        hint="None is the encoder's",
    ),
    Control(
        "decoder_channels",
        "decoder law",
        "text",
        options=("mirror", *LAWS),
        folded=True,
        hint="mirror, a law, or one number per stage but the last",
    ),
    Control(
        "decoder_kernel_size",
        "decoder kernel",
        "text",
        options=("auto", "2", "3", "4", "5", "6"),
        folded=True,
        hint="auto is the kernel rounded up to a multiple of the stride",
    ),
    Control(
        "decoder_stride",
        "decoder stride",
        "text",
        options=("None", "1", "2", "3"),
        folded=True,
        hint="None is the encoder's",
    ),
    Control(
        "decoder_padding",
        "decoder padding",
        "text",
        options=("None", "same", "valid", "0", "1", "2"),
        folded=True,
        hint="None is what restores the encoder's size",
    ),
    Control(
        "decoder_dilation",
        "decoder dilation",
        "text",
        options=("None", "1", "2"),
        folded=True,
        hint="None is the encoder's",
    ),
    Control(
        "output_padding",
        "output_padding",
        "text",
        options=("mirror", "0", "1"),
        folded=True,
        hint="mirror picks what restores the size that the encoder had there",
    ),
    Control("dropout_p", "dropout p", "float", folded=True, hint='with norm="dropout"'),
    Control("final_norm", "norm at the end", "box", folded=True),
    Control(
        "final_activation", "last activation", "choice", options=("none", *ACTIVATIONS), folded=True
    ),
    Control(
        "final_resize",
        "final resize",
        "choice",
        options=("none", *get_args(ResizeMode)),
        folded=True,
        hint="what brings the output to its size where the decoder ends elsewhere",
    ),
    Control(
        "output_size",
        "output size",
        "text",
        options=("None",),
        folded=True,
        hint="None is the input's",
    ),
    Control(
        "latent_shape",
        "latent shape",
        "text",
        options=("None", "64", "256"),
        folded=True,
        hint="None, or a shape as 8, 4, 4: a fully connected block in the middle",
    ),
    Control("latent_layers", "latent layers", "slider", 1, 4, folded=True),
    Control(
        "latent_activation",
        "latent activation",
        "choice",
        options=("none", *ACTIVATIONS),
        folded=True,
    ),
    Control(
        "names",
        "module names",
        "choice",
        options=("stages", "torchcnnbuilder"),
        folded=True,
        hint="how modules are called in the state dict",
    ),
)

# Fields that are a tuple even where there is one axis or one number.
TUPLES = {"input_size", "output_size", "latent_shape", "channels", "decoder_channels"}


def read_text(field: str, text: str) -> Any:
    """What a text says: None, a word, a number, or numbers; read as a literal, never evaluated.

    Raises:
        DesignError: for anything else.

    Example:
        >>> read_text("padding", "1, 2"), read_text("padding", "same"), read_text("padding", "3")
        ((1, 2), 'same', 3)
    """
    stripped = text.strip()
    if stripped.isidentifier() and stripped not in {"None", "True", "False"}:
        return stripped
    try:
        value = ast.literal_eval(stripped)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise DesignError(
            f"{field} is {shortened(text)}, but must be a word, a number, or numbers with commas."
        ) from None
    if isinstance(value, int) and not isinstance(value, bool) and field in TUPLES:
        return (value,)
    return value


def write_text(value: Any) -> str:
    """A value as it is typed: (1, 2) as `1, 2`.

    Example:
        >>> write_text((1, 2)), write_text("same"), write_text(None)
        ('1, 2', 'same', 'None')
    """
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


class Controls:
    """The widgets of the table, and the way between them and a design.

    Args:
        on_change: told a field and its new value when a person has changed it.
        on_error: told a sentence when what was typed is no value.
    """

    def __init__(
        self,
        on_change: Callable[[str, Any], None],
        on_error: Callable[[str], None],
        guarded: Callable[[Callable[..., None]], Callable[..., None]],
    ) -> None:
        self.on_change, self.on_error = on_change, on_error
        self.design: EncoderDecoder | None = None
        self.writing = False
        self.widgets: dict[str, list[Any]] = {}
        # With one slider for all axes unless they are to differ.
        self.apart = widgets.Checkbox(
            value=False,
            description="each axis apart",
            indent=False,
            tooltip="kernel, stride and dilation of their own for each axis",
        )
        for control in TABLE:
            made = self.widgets[control.field] = make(control)
            for position, each in enumerate(made):
                each.observe(guarded(self.heard(control, position)), "value")
        self.by_hand = widgets.Text(
            description="stages",
            continuous_update=False,
            tooltip="channels of each encoder stage, as 16, 32, 64",
        )
        self.by_hand.observe(guarded(self.heard_by_hand), "value")
        self.apart.observe(guarded(self.heard_apart), "value")

    def rows(self, *, folded: bool) -> list[Any]:
        """The widgets in the order of the table."""
        rows: list[Any] = []
        for control in TABLE:
            if control.folded == folded:
                rows += self.widgets[control.field]
                if control.field == "channels":
                    rows.append(self.by_hand)
                if control.field == "dilation":
                    rows.append(self.apart)
        return rows

    def heard(self, control: Control, position: int) -> Callable[[dict[str, Any]], None]:
        """What a change of one widget means."""

        def changed(change: dict[str, Any]) -> None:
            if self.writing or self.design is None:
                return
            new = change["new"]
            if control.kind == "axes":
                known = list(per_axis(getattr(self.design, control.field), self.axes))
                if control.field == "input_size" or self.apart.value:
                    known[position] = new
                else:
                    known = [new] * self.axes
                self.on_change(control.field, tuple(known))
            elif control.kind == "text":
                try:
                    value = read_text(control.field, new)
                except DesignError as error:
                    self.on_error(str(error))
                else:
                    self.on_change(control.field, value)
            elif control.field == "channels" and new == BY_HAND:
                return  # the numbers are typed beside it
            else:
                self.on_change(control.field, new)

        return changed

    def heard_by_hand(self, change: dict[str, Any]) -> None:
        """Channels typed stage by stage."""
        if not self.writing:
            self.on_change("channels", read_text("channels", change["new"]))

    def heard_apart(self, change: dict[str, Any]) -> None:
        """One slider for all axes, or one each."""
        if self.writing or self.design is None:
            return
        self.show(self.design)
        if not change["new"]:
            for field in ("kernel_size", "stride", "dilation"):
                value = getattr(self.design, field)
                if len(set(per_axis(value, self.axes))) > 1:
                    self.on_change(field, per_axis(value, self.axes)[:1] * self.axes)

    @property
    def axes(self) -> int:
        """The number of spatial axes of the design that is shown."""
        assert self.design is not None
        return len(self.design.input_size)

    def show(self, design: EncoderDecoder) -> None:
        """Move every control to what a design says; those that say it already are left alone."""
        self.design = design
        differ = any(
            len(set(per_axis(getattr(design, field), self.axes))) > 1
            for field in ("kernel_size", "stride", "dilation")
        )
        self.writing = True
        try:
            if differ:
                self.apart.value = True
            for control in TABLE:
                value = getattr(design, control.field)
                self.write(control, value)
            by_hand = isinstance(design.channels, tuple)
            shown(self.by_hand, visible=by_hand)
            if by_hand:
                put(self.by_hand, write_text(design.channels))
            shown(self.apart, visible=self.axes > 1)
            usable("start_channels", design, self.widgets)
        finally:
            self.writing = False

    def write(self, control: Control, value: Any) -> None:
        """Move the widgets of one field."""
        made = self.widgets[control.field]
        if control.kind == "axes":
            numbers = per_axis(value, self.axes)
            several = control.field == "input_size" or self.apart.value
            for position, each in enumerate(made):
                visible = position < (self.axes if several else 1)
                shown(each, visible=visible)
                if not visible:
                    continue
                name = AXES[self.axes][position]
                label = name if control.field == "input_size" else f"{control.label} {name}"
                relabel(each, label if several and self.axes > 1 else control.label)
                put(each, numbers[position])
        elif control.kind == "text":
            put(made[0], write_text(value))
        elif control.field == "channels":
            put(made[0], BY_HAND if isinstance(value, tuple) else value)
        else:
            put(made[0], value)


def make(control: Control) -> list[Any]:
    """The widgets of one row of the table."""
    if control.kind in {"slider", "axes"}:
        count = MOST_AXES if control.kind == "axes" else 1
        return [
            widgets.IntSlider(
                value=control.low,
                min=control.low,
                max=control.high,
                description=control.label,
                tooltip=control.hint,
            )
            for _ in range(count)
        ]
    if control.kind == "choice":
        options = [*control.options, BY_HAND] if control.field == "channels" else control.options
        return [
            widgets.Dropdown(
                options=options, description=control.label, tooltip=control.hint or control.field
            )
        ]
    if control.kind == "text":
        return [
            widgets.Combobox(
                options=control.options,
                description=control.label,
                continuous_update=False,
                ensure_option=False,
                tooltip=control.hint,
            )
        ]
    if control.kind == "box":
        return [widgets.Checkbox(description=control.label, indent=False)]
    return [
        widgets.BoundedFloatText(
            description=control.label,
            min=0.0,
            max=100.0 if control.field == "channel_ratio" else 1.0,
            step=0.1,
            tooltip=control.hint,
        )
    ]


def put(widget: Any, value: Any) -> None:
    """Give a widget a value, and room for it; a slider that is being dragged is left alone."""
    if widget.value == value:
        return
    if hasattr(widget, "max") and value > widget.max:
        widget.max = value
    widget.value = value


def shown(widget: Any, *, visible: bool) -> None:
    """Show or hide a widget; making it anew would take many times as long."""
    display = None if visible else "none"
    if widget.layout.display != display:
        widget.layout.display = display


def relabel(widget: Any, label: str) -> None:
    """Another name before a widget."""
    if widget.description != label:
        widget.description = label


def usable(field: str, design: EncoderDecoder, made: dict[str, list[Any]]) -> None:
    """Where a design's channel law does not look at a field, its control is off."""
    disabled = design.channels not in {"exponential", "constant"}
    for widget in made[field]:
        if widget.disabled != disabled:
            widget.disabled = disabled
