"""Values of widgets as the browser keeps and sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streamlit.proto.Element_pb2 import Element
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.WidgetStates_pb2 import WidgetState


def find_widget(elements: Sequence[Element], key: str) -> Any:
    """The widget that the app calls ``key``: an id is a mark, a digest and the key."""
    for element in elements:
        widget = getattr(element, str(element.WhichOneof("type")))
        if getattr(widget, "id", "").split("-", 2)[2:] == [key]:
            return widget
    raise LookupError(f"no widget called {key}")


def written(widget: Any, value: Any) -> WidgetState:
    """A value as it is sent for a widget of this kind."""
    state, kind = WidgetState(id=widget.id), widget.DESCRIPTOR.name
    if kind in ("TextInput", "TextArea", "Selectbox"):
        if value is not None:
            state.string_value = value
    elif kind == "NumberInput":
        if value is not None and widget.data_type == NumberInput.INT:
            state.int_value = int(value)
        elif value is not None:
            state.double_value = float(value)
    elif kind == "Checkbox":
        state.bool_value = bool(value)
    elif kind == "Slider":
        state.double_array_value.data.extend(value if isinstance(value, list) else [value])
    elif kind in ("ButtonGroup", "MultiSelect"):
        state.string_array_value.data.extend(value if isinstance(value, list) else [value])
    else:
        raise ValueError(f"{widget.id}: a {kind} is given no value here")
    return state


def default_of(widget: Any) -> WidgetState | None:
    """What the browser sends for a widget that nobody touched; ``None`` where it sends nothing."""
    value = _value(widget, now=bool(getattr(widget, "set_value", False)))
    return None if value is _NOTHING else written(widget, value)


def is_default(widget: Any, value: Any) -> bool:
    """Whether the address leaves a value out, since it is the widget's own."""
    first = _value(widget, now=False)
    return bool(first == (value if isinstance(value, list) == isinstance(first, list) else [value]))


_NOTHING = object()


def _value(widget: Any, *, now: bool) -> Any:
    """The value a widget comes with: its own, or with ``now`` the one the server has set."""
    kind = widget.DESCRIPTOR.name
    if kind == "Checkbox":
        return widget.value if now else widget.default
    if kind in ("TextInput", "TextArea", "NumberInput"):
        name = "value" if now else "default"
        return getattr(widget, name) if widget.HasField(name) else None
    if kind == "Slider":
        return list(widget.value if now else widget.default)
    if kind == "Selectbox":
        if now:
            return widget.raw_value if widget.HasField("raw_value") else None
        return widget.options[widget.default] if widget.HasField("default") else None
    if kind == "ButtonGroup":
        if now:
            return list(widget.raw_values)
        return [widget.options[at].content for at in widget.default]
    if kind == "MultiSelect":
        return list(widget.raw_values) if now else [widget.options[at] for at in widget.default]
    return _NOTHING
