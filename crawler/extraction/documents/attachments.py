"""The text of documents that articles are, or have attached: PDF and DOCX, within limits."""

from __future__ import annotations

import io
import logging
import re
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

MOST_BYTES = 50_000_000
MOST_PAGES = 400
MOST_SECONDS = 10.0  # a page that links a document has 20 in all
MOST_UNPACKED = 200_000_000  # bytes of a DOCX once unpacked
MOST_XML = 40_000_000  # of which XML: a tree takes many times that
_MOST_RUNNING = 3  # lines over or under a page
_LEAST_TEXT = 20  # characters; a scan has none

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_AROUND = frozenset(_W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"))
_SPACES = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_PASSED_OVER = frozenset(  # taken out, set apart from the text, or said a second time for older readers
    [
        *(_W + name for name in ("del", "moveFrom", "pPr", "rPr", "instrText", "sdtPr")),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    ]
)
_NAMES = {b"\xd0\xcf\x11\xe0": "旧版 DOC/XLS/WPS", b"PK\x03\x04": "ZIP", b"Rar!": "RAR"}
_SENTENCE_END = "。！？；：…”』」）.!?;:"

# CJK Radicals Supplement, whose signs have no compatibility mapping, as far as they look like a whole character (EquivalentUnifiedIdeograph.txt)
_SUPPLEMENT = (
    "⺁厂⺅亻⺆冂⺈刀⺊卜⺌小⺎兀⺏尣⺒巳⺓幺⺔彑⺖忄⺗心⺘扌⺙攵⺛旡⺝月⺟母⺠民⺡氵⺢水⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺪疋⺬示⺭礻⺮竹⺯糸⺰纟⺱网⺲罒"
    "⺳网⺴网⺶羊⺷羊⺸羊⺹耂⺺肀⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏邑⻐钅⻑長⻒镸⻓长⻔门⻕阜⻖阝⻗雨"
    "⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龟⻲亀"
)
_CHARACTERS = {ord(r): c for r, c in zip(_SUPPLEMENT[::2], _SUPPLEMENT[1::2], strict=True)}
_CHARACTERS |= {
    code: folded
    for code in (*range(0x2E80, 0x2FE0), *range(0xFB00, 0xFB07))  # also Latin ligatures
    if code not in _CHARACTERS and (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}


class AttachmentError(Exception):
    """A document's text could not be had; `reason` is one line for the operator."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableKind(AttachmentError):
    """The document is whole, as far as is known, and of a kind whose text is not read: scanned, locked, or of another format."""


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """`title` as the document's own properties say ('' if nothing), `paragraphs` in reading order, `pages` of a PDF (0 for others)."""

    kind: str
    title: str
    paragraphs: tuple[str, ...]
    pages: int = 0

    @property
    def text(self) -> str:
        """The paragraphs, a line each."""
        return "\n".join(self.paragraphs)


def read_attachment(content: bytes) -> AttachmentText:
    """The text of a PDF or DOCX, told by its bytes. Raises AttachmentError: too large, encrypted, scanned, broken, of another kind."""
    if not content:
        raise AttachmentError("附件是空的")
    if len(content) > MOST_BYTES:
        raise AttachmentError(f"附件有 {len(content) // 1_000_000} MB，超过上限 {MOST_BYTES // 1_000_000} MB")
    if b"%PDF-" in content[:1024]:
        return _pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    kind = next((name for magic, name in _NAMES.items() if content.startswith(magic)), "未知格式")
    raise UnreadableKind(f"不支持的附件格式：{kind}")


class _TooSlow(BaseException):
    """The time is up. No Exception: pypdf mends what raises one, and goes on."""


class _TimedFile(io.BytesIO):
    """Bytes that can be read until `ends` (of time.monotonic): of what is broken pypdf may make attempts without an end."""

    def __init__(self, content: bytes, ends: float) -> None:
        super().__init__(content)
        self._ends = ends
        self._reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads += 1
        if self._reads % 1_000 == 0 and time.monotonic() > self._ends:
            raise _TooSlow
        return super().read(size)


def _pdf(content: bytes) -> AttachmentText:
    import pypdf
    from pypdf.errors import PyPdfError

    # It logs each slip of a broken file: one of 120 KB gave 12,000 lines.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    ends = time.monotonic() + MOST_SECONDS
    try:
        reader = pypdf.PdfReader(_TimedFile(content, ends))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableKind("PDF 已加密，需要密码")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise AttachmentError(f"PDF 有 {count} 页，超过上限 {MOST_PAGES} 页")
        title = str((reader.metadata.title if reader.metadata else "") or "").strip()
        pages: list[list[str]] = []
        for page in reader.pages:
            text = _without_radicals(page.extract_text())
            pages.append([line for line in (" ".join(x.split()) for x in text.splitlines()) if line])
            if time.monotonic() > ends:
                raise _TooSlow
    except AttachmentError:
        raise
    except _TooSlow as error:
        raise AttachmentError(f"PDF 在 {MOST_SECONDS:.0f} 秒内没有读完") from error
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OverflowError,
        NotImplementedError,
        AssertionError,
        OSError,
    ) as error:
        raise AttachmentError(f"PDF 损坏，无法读取：{type(error).__name__}") from error
    paragraphs = _paragraphs(_without_running_lines(pages))
    if sum(map(len, paragraphs)) < _LEAST_TEXT:
        raise UnreadableKind("PDF 没有文字，可能是扫描件")
    return AttachmentText("pdf", title, paragraphs, count)


def _without_running_lines(pages: list[list[str]]) -> list[str]:
    """The lines of all pages but those that run over or under most of them, whatever numbers they bear."""
    if len(pages) >= 3:
        for end in (0, -1):
            for _ in range(_MOST_RUNNING):
                seen = Counter(re.sub(r"\d+", "0", page[end]) for page in pages if page)
                running = {line for line, count in seen.items() if count * 2 > len(pages)}
                if not running:
                    break
                for page in pages:
                    if page and re.sub(r"\d+", "0", page[end]) in running:
                        page.pop(end)
    return [line for page in pages for line in page]


def _zipped(content: bytes) -> AttachmentText:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            unpacked = sum(i.file_size for i in archive.infolist())
            xml = sum(i.file_size for i in archive.infolist() if i.filename.endswith((".xml", ".rels")))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise AttachmentError("压缩文件损坏，无法读取") from error
    if "OFD.xml" in names:
        raise UnreadableKind("不支持的附件格式：OFD")
    if "word/document.xml" not in names:
        raise UnreadableKind(
            "不支持的附件格式："
            + ("XLSX" if "xl/workbook.xml" in names else "PPTX" if "ppt/presentation.xml" in names else "ZIP")
        )
    if unpacked > MOST_UNPACKED:
        raise AttachmentError(f"DOCX 解压后有 {unpacked // 1_000_000} MB，超过上限 {MOST_UNPACKED // 1_000_000} MB")
    if xml > MOST_XML:
        raise AttachmentError(f"DOCX 的正文有 {xml // 1_000_000} MB，超过上限 {MOST_XML // 1_000_000} MB")
    return _docx(content)


def _docx(content: bytes) -> AttachmentText:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml.etree import XMLSyntaxError

    try:
        document = docx.Document(io.BytesIO(content))
        found = list(_blocks(document.element.body))
        title = (document.core_properties.title or "").strip()
    except (
        OpcError,
        KeyError,
        ValueError,
        XMLSyntaxError,
        AttributeError,
        zipfile.BadZipFile,
        RecursionError,
    ) as error:
        raise AttachmentError(f"DOCX 损坏，无法读取：{type(error).__name__}") from error
    paragraphs = tuple(p for p in (" ".join(t.split(" ")).strip("　 \t\n") for t in found) if p)
    if not paragraphs:
        raise UnreadableKind("DOCX 没有文字")
    return AttachmentText("docx", title, paragraphs)


def _blocks(parent: etree._Element) -> Iterator[str]:
    """Paragraphs and table rows in order; python-docx passes over those in content controls."""
    for element in parent:
        if element.tag == f"{_W}p":
            yield _words(element)
        elif element.tag == f"{_W}tbl":
            for row in _own(element, "tr", "tbl"):
                cells = _own(row, "tc", "tr")
                yield "\t".join(dict.fromkeys("\n".join(_blocks(cell)).strip() for cell in cells))
        elif element.tag in _AROUND:
            yield from _blocks(element)


def _own(parent: etree._Element, name: str, of: str) -> Iterator[etree._Element]:
    """A table's rows or a row's cells, not those of tables within."""
    return (child for child in parent.iter(_W + name) if next(child.iterancestors(_W + of)) is parent)


def _words(paragraph: etree._Element) -> str:
    """A paragraph's text as it reads once all changes are accepted, that of its boxes too."""
    out: list[str] = []

    def walk(element: etree._Element) -> None:
        if element.tag == f"{_W}t":
            out.append(element.text or "")
        elif element.tag in _SPACES:
            out.append(_SPACES[element.tag])
        elif element.tag not in _PASSED_OVER:
            for child in element:
                walk(child)

    walk(paragraph)
    return "".join(out)


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Paragraphs out of a PDF's lines: a line that fills the page and ends no sentence goes on in the next; page numbers are dropped."""
    kept = [line.strip() for line in lines]
    kept = [
        line
        for line in kept
        if line and not re.fullmatch(r"[-—–\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*/\s*\d{1,4})?[-—–\s]*", line)
    ]
    lengths = sorted(map(len, kept))
    full = 0.8 * lengths[int(len(lengths) * 0.9)] if lengths else 0
    out: list[str] = []
    open_ = False
    for line in kept:
        starts = re.match(
            r"(?:第?[一二三四五六七八九十]{1,3}[、章条节]|[（(][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[.、]|附件)",
            line,
        )
        if open_ and out and not starts:
            glue = (
                " "
                if out[-1][-1:].isascii() and line[:1].isascii() and out[-1][-1:].isalnum() and line[:1].isalnum()
                else ""
            )
            out[-1] += glue + line
        else:
            out.append(line)
        open_ = len(line) >= full and line[-1] not in _SENTENCE_END
    return tuple(out)


def _without_radicals(text: str) -> str:
    """With characters in the place of radicals and ligatures: a PDF may name a glyph by the radical that looks like the character (⼈⺠ for 人民)."""
    return text.translate(_CHARACTERS)
