"""Whether every file that should lie in the store does, with its size and its digest, and what lies there beside them."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.archive.archive import Archive
from crawler.archive.keeping.remark import Remark
from crawler.archive.records.capture_files import is_mark, is_marked, not_ours
from crawler.archive.store.capture_store import CaptureStore
from crawler.archive.store.digest import digest_in_store

MOST_NAMED = 5  # files that have no row


def stored_files(archive: Archive, store: CaptureStore, *, quick: bool) -> Iterator[Remark]:
    """`quick` compares names and sizes alone, by one listing. A file that is not on this disk is left to the check of its records, which reads it whole anyway. Raises StoreError."""
    files = archive.capture_files.all_stored()
    if files and not is_marked(store, archive.database.name):
        raise not_ours(store, archive.database.name)
    own = f"zhaoshang-{archive.database.name}-"
    there = {file.name: file.size for file in store.list() if not is_mark(file.name)}
    for file in files:
        if file.name not in there:
            here = (archive.database.captures_folder / file.name).exists()
            mend = "本机有这份，zhaoshang archive store 会补上" if here else "从备份放回仓库"
            yield Remark("仓库", f"{file.name} 不在仓库里：{mend}")
        elif there[file.name] != file.size:
            yield Remark(
                "仓库", f"{file.name} 在仓库里有 {there[file.name]} 字节，应为 {file.size}：{_mend(archive, file.name)}"
            )
        elif (
            not quick
            and (archive.database.captures_folder / file.name).exists()
            and digest_in_store(store, file.name) != (file.size, file.sha256)
        ):
            yield Remark("仓库", f"{file.name} 在仓库里的内容与存入时的摘要不符：{_mend(archive, file.name)}")
    erased = archive.capture_files.erased() & there.keys()
    for name in sorted(erased):
        yield Remark("仓库", f"{name} 已抹去，却还在仓库里：zhaoshang archive store 会删去")
    known = archive.capture_files.rows(there)
    loose = sorted(name for name in there if name.startswith(own) and name not in known)
    for name in loose[:MOST_NAMED]:
        yield Remark("仓库", f"{name} 在仓库里，档案库没有它的行：档案库比它旧，或存入时中断", wrong=False)
    if len(loose) > MOST_NAMED:
        yield Remark("仓库", f"这样的文件共 {len(loose)} 个", wrong=False)
    foreign = sum(not name.startswith(own) and name not in known for name in there)
    if foreign:
        yield Remark("仓库", f"{store.place} 里有 {foreign} 个文件不是这个文库的", wrong=False)


def _mend(archive: Archive, name: str) -> str:
    if (archive.database.captures_folder / name).exists():
        return "本机有这份：删去仓库里的，再运行 zhaoshang archive store"
    return "从备份放回仓库"
