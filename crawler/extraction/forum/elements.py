"""Elements of a thread page: the first at a path, their text, and taking them out."""

from __future__ import annotations

from lxml import etree


def first_at(element: etree._Element, path: str) -> etree._Element | None:
    found = element.xpath(path)
    return found[0] if found else None


def text_in(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def drop_all(element: etree._Element, tag: str) -> None:
    for child in list(element.iter(tag)):
        take_out(child)


def take_out(element: etree._Element) -> None:
    """Take an element out and leave the text after it."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
