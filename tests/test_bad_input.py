"""Bad input by hand: each says in one line what is wrong, where, and what to do; the exit code is not 0; nothing is lost."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.archive import Archive
from crawler.article import article_id
from crawler.configuration import load_settings
from tests.whole_way import Desk

PAGE = "<html><title>x</title><body><p>清河县招商引资推进会召开，部署产业链招商。</p></body></html>"
GOOD = '{"id": "1", "text": "清河县招商引资推进会召开。"}\n'
SOURCE = 'name = "own"\ntitle = "自有"\nkind = "news"\nregion = "110000"\nstart_urls = ["http://news.example/"]\nseen_in = "composed"\n'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Over an archive that holds nothing."""
    Archive.open(load_settings(data=tmp_path / "data")).close()
    return Desk(tmp_path / "data")


def refused(desk: Desk, *arguments: str, says: str, code: int = 1) -> str:
    done = desk.run(*arguments, code=code)
    assert "Traceback" not in done.stderr, done.stderr
    assert says in done.stderr.replace("\n", ""), done.stderr
    return done.stderr


def write(path: Path, content: str | bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


ARGUMENTS = {
    "unknown source": (["crawl", "nowhere"], "没有名为 'nowhere' 的来源"),
    "unknown source to show": (["sources", "show", "nowhere"], "没有名为 'nowhere' 的来源"),
    "unknown region": (["sources", "enable", "--region", "亚特兰蒂斯"], "没有名为 '亚特兰蒂斯' 的地区"),
    "unknown kind": (["sources", "list", "--kind", "blog"], "government、news 或 forum"),
    "nothing to enable": (["sources", "enable"], "请写来源的名称"),
    "none enabled": (["nightly"], "zhaoshang sources enable"),
    "a time that is none": (["nightly", "--now", "tomorrow"], "2024-05-01T02:00"),
    "an hour that is none": (["schedule", "--at", "25:00"], "02:00"),
    "no query": (["search"], "请写检索式"),
    "a sort that is none": (["search", "x", "--sort", "best"], "--sort 应为 relevance"),
    "a format without a batch": (["search", "x", "--format", "trec"], "--format 只用于批量检索"),
    "a batch as JSON": (["search", "--batch", "x.jsonl", "--json"], "不能与 --json"),
    "an export format that is none": (["export", "x", "--format", "docm"], "jsonl"),
    "a missing file to import": (["import", "missing.jsonl"], "没有这个文件：missing.jsonl"),
    "a missing batch": (["search", "--batch", "missing.jsonl"], "没有这个文件：missing.jsonl"),
    "a missing page": (["extract", "missing.html"], "missing.html：读不到"),
    "an address that is none": (["sources", "probe", "not an address"], "不是网址"),
    "an address that is none to add": (["add", "not an address"], "不是网址"),
    "an address that is half one": (["sources", "add", "http://[::1"], "不是网址"),
    "an address with brackets around a name": (["sources", "probe", "http://[v1.x]/"], "不是网址"),
    "an address whose host has an empty part": (["add", "http://a..example/"], "不是网址"),
    "an address that is none to take down": (["archive", "forget", "http://[::1", "--why", "x", "--yes"], "不是网址"),
    "an id that is too short to take down": (["archive", "forget", "3f2a", "--why", "x", "--yes"], "不是网址"),
    "an address that is none to notify": (["notify", "add", "x", "http://[::1"], "完整网址"),
    "a webhook without a host": (["notify", "add", "x", "http:///x"], "完整网址"),
    "an address that is none to send to": (["watch", "add", "招商", "--to", "http://[::1"], "完整网址"),
    "an address that is no text to explain": (["explain", "http://\udcff.example/"], "没有这篇文章"),
    "an address of another kind": (["sources", "discover", "ftp://ftp.example.org/"], "不是网址"),
    "an address where nobody answers": (["add", "http://127.0.0.1:1/a.html"], "对方拒绝连接"),
    "a folder for a page": (["extract", "."], "是文件夹"),
    "an export into no folder": (["export", "x", "-o", "missing/x.csv"], "没有这个文件夹"),
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments(desk: Desk, name: str) -> None:
    arguments, says = ARGUMENTS[name]
    refused(desk, *arguments, says=says)


def test_a_search_in_nothing_says_what_to_do(desk: Desk) -> None:
    found = desk.run("search", "招商")
    assert found.returncode == 0 and not found.stdout and "都是空的：运行 zhaoshang demo" in found.stderr


READING = ["search 招商", "export 招商", "explain x", "status", "nights", "review list", "gaps", "watch list", "export --all -o all", "words 招商", "extract", "keys list", "archive check", "archive backup kept", "archive copy --to sqlite:///other.sqlite"]  # fmt: skip


@pytest.mark.parametrize("verb", READING)
def test_a_folder_without_an_archive_is_no_empty_archive(tmp_path: Path, verb: str) -> None:
    """A mistyped setting made one without a word, and `archive check` found nothing wrong in it."""
    desk = Desk(tmp_path / "mistyped")
    refused(desk, *verb.split(), says=f"{desk.data} 里没有文库：设置 ZHAOSHANG_DATA 写错了")
    assert not desk.data.exists()
    desk.environment = {"ZHAOSHANG_DATABASE": f"sqlite:///{tmp_path / 'mistyped.sqlite'}"}
    refused(desk, *verb.split(), says="mistyped.sqlite 里没有文库：设置 ZHAOSHANG_DATABASE 写错了")


def test_a_folder_without_an_archive_is_told_by_doctor_and_serve(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "mistyped")
    assert f"{desk.data} 里没有文库" in desk.run("doctor").stdout
    served = desk.start("serve", "--port", "0")
    assert served.stderr is not None and f"{desk.data} 里没有文库" in served.stderr.readline()
    served.send_signal(signal.SIGINT)
    served.communicate()
    assert not desk.data.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"query": "招商"}'.encode("gbk"), "第 1 行应为"),
        ('{"query": "招商"}'.encode("utf-16"), "不是 UTF-8，也不是 GB18030"),
        (b"[" * 100_000, "嵌套过深"),
        (b'{"id": ' + b"9" * 5000 + b"}", "第 1 行应为"),
    ],
    ids=["gbk", "utf-16", "deep", "digits"],
)
def test_a_batch_that_cannot_be_read(desk: Desk, content: bytes, says: str) -> None:
    refused(desk, "search", "--batch", write(desk.data.parent / "batch.jsonl", content), says=says)


def test_an_export_into_a_pipe_leaves_it_a_pipe(desk: Desk) -> None:
    """It put a file in the place of the pipe; as root, in the place of /dev/null."""
    pipe = desk.data.parent / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reading:
        read = reading.submit(pipe.read_bytes)
        desk.run(*["export", "招商", "--format", "csv", "-o"], str(pipe))
        assert pipe.is_fifo() and "标题" in read.result(30).decode()


WRONG_USAGE = {
    "an option that is none": (["search", "--nope"], "没有 --nope 这个选项"),
    "a verb that is none": (["serch"], "没有 serch 这个命令，是不是 search"),
    "a verb of sources that is none": (["sources", "lst"], "没有 lst 这个命令，是不是 list"),
    "a missing argument": (["sources", "show"], "缺少参数 name"),
    "one argument too many": (["index", "all"], "多出了参数 all"),
    "a missing value": (["search", "x", "--top"], "选项 --top 后面要有值"),
    "a value for a switch": (["extract", "--all=1"], "选项 --all 不带值"),
    "a word for a number": (["search", "x", "--top", "ten"], "--top、-n 应为整数"),
    "a number too small": (["search", "x", "--top", "0"], "--top、-n 应不小于 1"),
}


@pytest.mark.parametrize("name", WRONG_USAGE)
def test_wrong_usage(desk: Desk, name: str) -> None:
    arguments, says = WRONG_USAGE[name]
    errors = refused(desk, *arguments, says=says, code=2)
    assert "--help" in errors and len(errors.strip().splitlines()) == 1


def test_a_broken_source_is_named_with_its_key(desk: Desk) -> None:
    file = desk.data / "sources" / "own.toml"
    for content, says in (
        ("name = ", "不是有效的 TOML"),
        (SOURCE + 'colour = "red"\n', "colour：没有这样的项"),
        (SOURCE.replace('"news"', '"blog"'), "kind：应为"),
        (SOURCE.replace('"own"', '"other"'), "name：应与文件名相同"),
    ):
        write(file, content)
        assert "own.toml" in refused(desk, "sources", "list", says=says)


def test_pages_that_are_none(desk: Desk, tmp_path: Path) -> None:
    noise = bytes((i * 7919 + i // 256) % 256 for i in range(60_000))
    for name, content, says in (
        ("empty.html", b"", "empty.html"),
        ("report.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n" + noise, "PDF"),
        ("noise.html", noise, "noise.html"),
    ):
        refused(desk, "extract", write(tmp_path / name, content), says=says)


def test_a_page_of_50_mb_returns(desk: Desk, tmp_path: Path) -> None:
    file = write(tmp_path / "huge.html", "<html><body>" + "<p>清河县招商引资。</p>" * 1_400_000)
    refused(desk, "extract", file, says="huge.html：无法提取（页面过大")


def test_the_good_pages_of_a_batch_are_printed(desk: Desk, tmp_path: Path) -> None:
    good = write(
        tmp_path / "good.html", PAGE.replace("</body>", "<p>会议提出，对重大项目实行一企一策。</p>" * 3 + "</body>")
    )
    done = desk.run("extract", write(tmp_path / "empty.html", b""), good, code=1)
    assert len(done.stdout.splitlines()) == 1 and "招商引资" in done.stdout


def test_a_bad_line_is_named_and_the_rest_goes_in(desk: Desk, tmp_path: Path) -> None:
    lines = [
        GOOD,
        "{broken\n",
        '{"id": "2"}\n',
        '{"text": "x"}\n',
        '{"id": "3", "text": "y", "published_at": "long ago"}\n',
        "\n",
    ]
    lines += ["[1]\n", '{"id": "4", "text": "清河县产业链招商。", "kind": "blog"}\n', GOOD.replace('"1"', "5")]
    file = write(tmp_path / "some.jsonl", "".join(lines))
    errors = refused(desk, "import", file, says="第 2 行")
    assert all(f"第 {n} 行" in errors for n in (2, 3, 4, 5, 7, 8)) and "第 6 行" not in errors
    with Archive.open(load_settings(data=desk.data)) as archive:
        assert archive.counts().articles == 2
    desk.run("import", write(tmp_path / "good.jsonl", GOOD))
    with Archive.open(load_settings(data=desk.data)) as archive:
        assert archive.counts().revisions == 2
    refused(desk, "import", write(tmp_path / "empty.jsonl", ""), says="没有内容")


def test_settings_that_are_wrong_are_named(desk: Desk, tmp_path: Path) -> None:
    desk.environment = {"ZHAOSHANG_PORT": "eighty"}
    refused(desk, "status", says="port（ZHAOSHANG_PORT）：应为整数")
    desk.environment = {"ZHAOSHANG_CONTCT": "x", "ZHAOSHANG_TEST_POSTGRES": "for the tests"}
    (finding,) = [
        line for line in desk.run("doctor", code=1).stdout.splitlines() if "环境变量 ZHAOSHANG_" in line and "✗" in line
    ]
    assert "ZHAOSHANG_CONTCT" in finding and "是不是 ZHAOSHANG_CONTACT" in finding
    desk.environment = {}
    write(tmp_path / "zhaoshang.toml", "port = ")
    refused(desk, "status", says="zhaoshang.toml 不是有效的 TOML：到文件末尾")
    write(tmp_path / "zhaoshang.toml", "prot = 80\n")
    for verb in ("status", "doctor"):
        refused(desk, verb, says="prot（zhaoshang.toml）：没有这项设置，是不是 port")


@pytest.mark.parametrize("name", ["STORE", "ENGINE", "PING", "ADDRESS", "PROXY", "DATABASE"])
@pytest.mark.parametrize("place", ["u:hidden@[::1", "u:hidden@example.org:99x"])
def test_an_address_in_the_settings_that_is_none_is_named_without_its_password(
    desk: Desk, name: str, place: str
) -> None:
    scheme = {"STORE": "s3", "DATABASE": "postgresql"}.get(name, "http")
    desk.environment = {f"ZHAOSHANG_{name}": f"{scheme}://{place}"}
    verb = "index" if name == "ENGINE" else "status"  # which answers where the engine is away
    told = refused(desk, verb, says=f"ZHAOSHANG_{name}")
    assert "hidden" not in told


def test_a_setting_that_is_refused_is_told_without_its_password(desk: Desk) -> None:
    desk.environment = {"ZHAOSHANG_PROXY": "https://u:hidden@example.org"}
    assert "hidden" not in refused(desk, "status", says="ZHAOSHANG_PROXY")


def test_a_data_folder_that_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    desk.environment = {"ZHAOSHANG_DATA": "/proc/zhaoshang"}  # where not even root may write
    refused(desk, "status", says="/proc/zhaoshang")
    assert "✗ 数据目录" in desk.run("doctor", code=1).stdout
    desk.environment = {"ZHAOSHANG_DATA": write(tmp_path / "file", "x")}
    refused(desk, "status", says=str(tmp_path / "file"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    desk = Desk(small_disk / "data")
    desk.run("import", write(tmp_path / "good.jsonl", GOOD))
    big = "".join(f'{{"id": "n{i}", "text": "清河县招商引资第{i}号。{"产业链招商" * 400}"}}\n' for i in range(3000))
    refused(desk, "import", write(tmp_path / "big.jsonl", big), says="磁盘已满")
    shutil.copytree(desk.data, tmp_path / "rescued")
    with Archive.open(load_settings(data=tmp_path / "rescued")) as archive:
        assert archive.articles.get(article_id("1")) is not None  # what was there before is there still


def test_a_port_in_use(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(desk, "serve", "--port", str(taken.getsockname()[1]), says="端口")


@pytest.fixture
def indexed(desk: Desk, tmp_path: Path) -> Desk:
    desk.run("import", write(tmp_path / "good.jsonl", GOOD))
    desk.run("index")
    assert desk.json("search", "招商引资")["total"] == 1
    return desk


def older(data: Path) -> None:
    for made in (data / "index").glob("v*/made.json"):
        made.write_text(made.read_text().replace('"analysis": "', '"analysis": "0'))


def torn(data: Path) -> None:
    for meta in (data / "index").glob("v*/meta.json"):
        meta.write_text("{")


@pytest.mark.parametrize("damage", [older, torn])
def test_an_index_of_an_older_version_or_damaged(indexed: Desk, damage: Callable[[Path], None]) -> None:
    damage(indexed.data)
    refused(indexed, "search", "招商引资", says="zhaoshang index --rebuild")
    assert "✗ 检索引擎" in indexed.run("doctor", code=1).stdout
    indexed.run("index", "--rebuild")
    assert indexed.json("search", "招商引资")["total"] == 1


def test_a_correction_of_no_article_is_told(indexed: Desk) -> None:
    unknown = "0" * 16
    file = indexed.data / "corrections.toml"
    file.write_text(f'[{unknown}]\norigin = "某报"\n', "utf-8")
    assert unknown in indexed.run("index").stderr
    assert unknown in indexed.run("doctor", code=1).stdout
    file.write_text(f'[{unknown}]\npaper = "某报"\n', "utf-8")
    assert "不认识 paper" in indexed.run("index").stderr
    assert "不认识 paper" in indexed.run("doctor", code=1).stdout
    file.unlink()
    assert "订正" not in indexed.run("doctor").stdout


def test_an_archive_of_a_newer_version(indexed: Desk) -> None:
    with sqlite3.connect(indexed.data / "archive.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(indexed, "status", says="请升级")


def test_services_that_do_not_answer(desk: Desk) -> None:
    desk.environment = {"ZHAOSHANG_DATABASE": "postgresql+psycopg://x:y@127.0.0.1:1/none"}
    assert "x:y@" not in refused(desk, "status", says="127.0.0.1")
    desk.environment = {"ZHAOSHANG_ENGINE": "http://elastic:secret@127.0.0.1:1"}
    assert "secret" not in refused(desk, "search", "招商引资", says="连不上 Elasticsearch")
    desk.environment = {"ZHAOSHANG_ENGINE": "solr"}
    refused(desk, "search", "招商引资", says="tantivy")


def test_nobody_is_crawled_without_a_contact(desk: Desk) -> None:
    write(desk.data / "sources" / "own.toml", SOURCE)
    refused(desk, "crawl", "own", says="ZHAOSHANG_CONTACT")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; the /proc test above stands for this one")
def test_a_folder_of_somebody_else(desk: Desk) -> None:
    desk.environment = {"ZHAOSHANG_DATA": "/zhaoshang"}
    refused(desk, "status", says="/zhaoshang")
