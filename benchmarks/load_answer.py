"""What a rerun answered: its elements by their place on the page, and what is read out of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Columns = dict[str, list[Any]]


class Answer:
    """The page after one rerun.

    Attributes:
        seconds: from sending the request to the end of the script.
        size: bytes of the messages that came.
        failed: whether the script could not be read.
    """

    def __init__(self) -> None:
        self.seconds, self.size, self.failed = 0.0, 0, False
        self._elements: dict[tuple[int, ...], Element] = {}

    def take(self, message: ForwardMsg, size: int) -> None:
        """Puts what a message holds in its place; blocks and passing things hold no element."""
        self.size += size
        place = tuple(message.metadata.delta_path)
        delta = message.delta
        if delta.WhichOneof("type") == "new_element":
            self._clear(place)
            if delta.new_element.WhichOneof("type") != "empty":
                self._elements[place] = delta.new_element
        elif delta.WhichOneof("type") == "add_block":
            self._elements.pop(place, None)

    def _clear(self, place: tuple[int, ...]) -> None:
        """An element takes the place of a block with all that was in it."""
        for other in [one for one in self._elements if one[: len(place)] == place]:
            del self._elements[other]

    def elements(self) -> list[Element]:
        """All elements in the order of the page."""
        return [self._elements[place] for place in sorted(self._elements)]

    def widgets(self) -> Iterator[Any]:
        """All that has an id, which holds the widget's own name at its end."""
        for element in self.elements():
            widget = getattr(element, str(element.WhichOneof("type")))
            if getattr(widget, "id", ""):
                yield widget

    def errors(self) -> list[str]:
        """Exceptions and red boxes, as they are told."""
        found = ["the script could not be read"] if self.failed else []
        for element in self.elements():
            if element.HasField("exception"):
                found.append(f"{element.exception.type}: {element.exception.message}")
            elif element.HasField("alert") and element.alert.format == Alert.ERROR:
                found.append(element.alert.body)
        return found

    def texts(self) -> list[str]:
        """All Markdown, headings and alerts."""
        found = []
        for element in self.elements():
            kind = element.WhichOneof("type")
            if kind in ("markdown", "heading", "alert"):
                found.append(str(getattr(element, kind).body))
        return found

    def text_with(self, beginning: str) -> str:
        """The first text that begins so."""
        for text in self.texts():
            if text.startswith(beginning):
                return text
        raise LookupError(f"no text “{beginning}…”, but {self.texts()}")

    def table(self, column: str) -> Columns:
        """The first table that has ``column``."""
        for element in self.elements():
            if element.HasField("dataframe"):
                reader = pa.ipc.open_stream(element.dataframe.arrow_data.data)
                if column in reader.schema.names:
                    return {str(k): list(v) for k, v in reader.read_all().to_pydict().items()}
        raise LookupError(f"no table with the column {column}; errors: {self.errors()}")

    def labels(self) -> list[str]:
        """What is written on buttons."""
        return [one.button.label for one in self.elements() if one.HasField("button")]

    def maps(self) -> list[dict[str, Any]]:
        """What the charts of maps were sent, their columns aside."""
        sent = (one.bidi_component for one in self.elements() if one.HasField("bidi_component"))
        return [json.loads(one.json) for one in sent if one.component_name == "scatter"]

    def pictures(self) -> list[str]:
        """Addresses of the pictures."""
        lists = (one.imgs.imgs for one in self.elements() if one.HasField("imgs"))
        return [str(picture.url) for pictures in lists for picture in pictures]

    def download(self, label: str) -> str:
        """The address of what the first button of this name downloads."""
        for element in self.elements():
            if element.HasField("download_button") and element.download_button.label == label:
                return str(element.download_button.url)
        raise LookupError(f"nothing to download as {label}; errors: {self.errors()}")

    def holds(self, text: str) -> bool:
        """Whether ``text`` stands in any element, whatever its kind."""
        wanted = text.encode()
        return any(wanted in one.SerializeToString() for one in self._elements.values())
