"""Text out of PDF and DOCX that are composed here, and clear refusals."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import pytest

from crawler.extraction.documents import attachments
from crawler.extraction.documents.attachments import AttachmentError, read_attachment

LINES = (
    "双溪区招商引资优惠办法",
    "第一条 为了鼓励投资，凡在本区新设立并实际到资的制造业企业，自投产之日起三",
    "年内按照对地方的贡献给予奖励。",
    "- 1 -",
    "第二条 本办法由区商务局负责解释。",
)


def pdf(*lines: str, encrypt: bool = False) -> bytes:
    """A PDF with one page, whose characters are their own codes, told by a ToUnicode map."""
    shown = "".join(
        f"BT /F1 12 Tf 50 {750 - 20 * i} Td <{''.join(f'{ord(c):04X}' for c in line)}> Tj ET\n"
        for i, line in enumerate(lines)
    )
    cmap = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(shown)}>>stream\n{shown}endstream",
        "<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Song/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000>>",
        f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
    ]
    out, offsets = "%PDF-1.5\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{o:010d} 00000 n \n" for o in offsets)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    if not encrypt:
        return out.encode("latin-1")
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(out.encode("latin-1")))
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_radicals_become_characters() -> None:
    found = read_attachment(pdf("⼈⺠政府关于⿎励招商引资、发展⼯业的意⻅，ﬁle"))
    assert found.text == "人民政府关于鼓励招商引资、发展工业的意见，file"


def test_what_runs_over_every_page_is_left_out() -> None:
    import pypdf

    texts = ("本县鼓励外来投资。", "制造业项目优先供地。", "总部企业另有奖励。", "本公报由县商务局编印。")
    writer = pypdf.PdfWriter()
    for n, text in enumerate(texts, 1):
        lines = ("样例县招商公报 2026 年", text, f"第 {n} 页 共 4 页")
        writer.append(io.BytesIO(pdf(*lines)))
    buffer = io.BytesIO()
    writer.write(buffer)
    assert read_attachment(buffer.getvalue()).paragraphs == texts


def test_pdf_lines_become_paragraphs() -> None:
    found = read_attachment(pdf(*LINES))
    assert (found.kind, found.pages) == ("pdf", 1)
    assert found.paragraphs == (LINES[0], LINES[1] + LINES[2], LINES[4])


def test_docx_with_a_table() -> None:
    document = docx.Document()
    document.core_properties.title = "招商办法"
    document.add_paragraph("　　第一条 鼓励外来投资。")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "项目", "3亿元"
    document.add_paragraph("")
    buffer = io.BytesIO()
    document.save(buffer)
    found = read_attachment(buffer.getvalue())
    assert (found.kind, found.title, found.paragraphs) == ("docx", "招商办法", ("第一条 鼓励外来投资。", "项目\t3亿元"))
    assert found.text == "第一条 鼓励外来投资。\n项目\t3亿元"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空"),
        (pdf(), "扫描"),
        (pdf(*LINES, encrypt=True), "加密"),
        (pdf(*LINES)[:300], "损坏"),
        (zipped("OFD.xml"), "OFD"),
        (zipped("xl/workbook.xml"), "XLSX"),
        (zipped("word/document.xml"), "损坏"),
        (b"PK\x03\x04 torn", "损坏"),
        (b"\xd0\xcf\x11\xe0 old", "DOC"),
        (b"plain text", "未知"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, word: str) -> None:
    with pytest.raises(AttachmentError) as refused:
        read_attachment(content)
    assert word in refused.value.reason


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_BYTES", 100)
    with pytest.raises(AttachmentError, match="超过上限"):
        read_attachment(pdf(*LINES))
    monkeypatch.undo()
    monkeypatch.setattr(attachments, "MOST_PAGES", 0)
    with pytest.raises(AttachmentError, match="超过上限 0 页"):
        read_attachment(pdf(*LINES))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda xml: xml.replace("<w:body>", "<w:body><w:sdt><w:sdtContent>").replace("<w:sectPr", "</w:sdtContent></w:sdt><w:sectPr"), True),
        (lambda xml: xml.replace("<w:r>", '<w:ins w:id="1" w:author="甲"><w:r>').replace("</w:r>", "</w:r></w:ins>"), True),
        (lambda xml: xml.replace("<w:r>", '<w:moveFrom w:id="1" w:author="甲"><w:r>').replace("</w:r>", "</w:r></w:moveFrom>"), False),
    ],
)  # fmt: skip
def test_a_docx_reads_as_it_does_with_all_changes_accepted(change: Callable[[str], str], kept: bool) -> None:
    document, buffer, changed = docx.Document(), io.BytesIO(), io.BytesIO()
    for line in LINES:
        document.add_paragraph(line)
    document.save(buffer)
    with zipfile.ZipFile(buffer) as before, zipfile.ZipFile(changed, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, change(content.decode()) if name == "word/document.xml" else content)
    if kept:
        assert read_attachment(changed.getvalue()).paragraphs == tuple(LINES)
    else:
        with pytest.raises(AttachmentError, match="没有文字"):
            read_attachment(changed.getvalue())


def test_a_table_within_a_table_is_read_once() -> None:
    document, buffer = docx.Document(), io.BytesIO()
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "项目"
    inner = outer.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "投资额", "三亿元"
    document.save(buffer)
    assert read_attachment(buffer.getvalue()).text.split() == ["项目", "投资额", "三亿元"]
