"""`linbao bench`: what the product costs on this machine, beside the machine's own floor (design §8).

Every figure is one JSON line. Requests go through the whole stack (middleware, authentication, database) in this
process; `cpu_ms` is user and system time of this process and of all processes of the database server together, per
operation. `floor_cpu_ms` is a durable insert of a row of the same size by the bare driver, `fsync_ms` a bare fsync;
ratios are to them. Uses the database it is given: run it on one of its own (LINBAO_DATABASE_URL or LINBAO_DATA_DIR).
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import os
import random
import resource
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from linbao.accounts.models import ApiToken
from linbao.archive import search
from linbao.archive.filters import Filters
from linbao.archive.statistics import rollups
from linbao.benchmarks.server import DoesNotServe, cpu_seconds, family
from linbao.items.imports import services as importing
from linbao.items.models import ItemText
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.platform import schema
from linbao.shell import demo_scale

NAMES = (
    "create",
    "create-with-photo",
    "batch",
    "list",
    "queue",
    "search",
    "dashboard",
    "import",
    "weekly-document",
    "friday",
    "sealed-pdf",
    "appraisal",
    "http",
    "storm",
)
# Figures of rooms stand with them: name → module; each is a function of the bench.
ROOMS = dict.fromkeys(("weekly-document", "friday", "sealed-pdf"), "linbao.benchmarks.reports")
ROOMS["appraisal"] = "linbao.benchmarks.appraisal"
ROOMS |= dict.fromkeys(("http", "storm"), "linbao.benchmarks.server")
WORDS_COMMON = ("垃圾", "反映", "居民", "路灯", "楼道")
WORDS_RARE = ("油锅", "合唱团", "劳动监察", "桂花安巷", "紫荆福美", "门禁 小广告", "盲道", "没有这样的词")


def add_arguments(parser: Any) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{' '.join(NAMES)}；不写则全部")
    parser.add_argument("--items", type=int, default=10_000, help="库中至少有这么多条目（不够则生成）")
    parser.add_argument("--times", type=int, default=200, help="每项重复次数")
    parser.add_argument("--minutes", type=float, default=2.0, help="storm：持续几分钟")
    parser.add_argument("--rate", type=float, default=0.0, help="storm：每秒上报几条；不写则为大城市平日的十倍")


def run(args: Any) -> int:
    """Prints one JSON line per figure; 2 for a name that is none, 1 for a server that fails. An empty database
    is set up first."""
    unknown = set(args.names) - set(NAMES)
    if unknown:
        print(json.dumps({"error": f"unknown: {', '.join(sorted(unknown))}"}))
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started ends with us
    schema.migrate()
    try:
        bench = _Bench(args)
        for name in args.names or NAMES:
            _figure(bench, name)
    except DoesNotServe as e:
        print(json.dumps({"error": str(e)}, ensure_ascii=False))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _figure(bench: _Bench, name: str) -> None:
    function = name.replace("-", "_")
    if name in ROOMS:
        getattr(importlib.import_module(ROOMS[name]), function)(bench)
    else:
        getattr(bench, function + "_" if name == "import" else function)()


class _Bench:
    """The generated city, its people's tokens, and the measuring itself."""

    def __init__(self, args: Any) -> None:
        items = args.items
        logging.disable(logging.WARNING)
        self.connection, self.times = connection, args.times
        self.minutes, self.rate = args.minutes, args.rate
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM items_item")
            there = cursor.fetchone()[0]
        if not User.objects.filter(username="scale-reporter").exists():
            demo_scale.fill(
                max(20, items // demo_scale.ITEMS_EACH), max(50, items // max(20, items // demo_scale.ITEMS_EACH))
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'items_item'::regclass")
            self.items = int(cursor.fetchone()[0]) or there
            cursor.execute("SELECT pg_backend_pid()")
            self.postmaster = _parent(cursor.fetchone()[0])
        self.people = {u.username: u for u in User.objects.filter(username__startswith="scale-")}
        self.headers = {
            name: {"HTTP_AUTHORIZATION": f"Bearer {ApiToken.make(u, 'bench', ['*'])[1]}"}
            for name, u in self.people.items()
        }
        self.texts = ItemText
        self.chance = random.Random(7)
        self.fsync_ms = self._fsync()
        self.floor_cpu_ms, self.floor_ms = self._floor()

    # --- the floor

    def _fsync(self) -> float:
        path = Path(settings.DATA_DIR) / "bench-fsync"
        spent = []
        with open(path, "wb") as f:
            for _n in range(50):
                f.write(b"x" * 1000)
                f.flush()
                began = time.perf_counter()
                os.fsync(f.fileno())
                spent.append((time.perf_counter() - began) * 1000)
        path.unlink()
        return round(statistics.median(spent), 3)

    def _floor(self) -> tuple[float, float]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS bench_floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)"
            )
        body = "x" * 1000
        raw = self.connection.connection

        def insert() -> None:
            raw.execute("INSERT INTO bench_floor (body) VALUES (%s)", [body])

        cpu, wall, _statements = self._spent(insert, 500)
        with self.connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_floor")
        return round(cpu, 3), round(statistics.median(wall), 3)

    # --- measuring

    def _spent(self, do: Callable[[], Any], times: int) -> tuple[float, list[float], float]:
        """CPU ms for each, the wall ms of all, statements for each."""
        walls: list[float] = []
        with _counting(self.connection) as count:
            app, database = time.process_time(), self._database_cpu()
            for _n in range(times):
                began = time.perf_counter()
                do()
                walls.append((time.perf_counter() - began) * 1000)
            app, database = time.process_time() - app, self._database_cpu() - database
        self.split = (round(app * 1000 / times, 2), round(database * 1000 / times, 2))
        return (app + database) * 1000 / times, walls, count[0] / times

    def _database_cpu(self) -> float:
        return cpu_seconds(family(self.postmaster))

    def tell(
        self, name: str, do: Callable[[], Any], times: int, *, per: int = 1, bar: float | None = None, **more: Any
    ) -> None:
        """Measure `do` (after three warm runs) and print the figure; `per` operations in each."""
        for _n in range(3):
            do()
        cpu, walls, statements = self._spent(do, times)
        walls.sort()
        figure = {
            "bench": name,
            "items": self.items,
            "times": times,
            "cpu_ms": round(cpu / per, 3),
            "cpu_ms_app": round(self.split[0] / per, 3),
            "cpu_ms_database": round(self.split[1] / per, 3),
            "p50_ms": round(walls[len(walls) // 2] / per, 2),
            "p95_ms": round(walls[min(len(walls) - 1, int(len(walls) * 0.95))] / per, 2),
            "statements": round(statements, 2),
            "floor_cpu_ms": self.floor_cpu_ms,
            "floor_ms": self.floor_ms,
            "fsync_ms": self.fsync_ms,
            "ratio": round(cpu / per / self.floor_cpu_ms, 1) if self.floor_cpu_ms else None,
            "bar_cpu_ms": bar,
            **more,
        }
        print(json.dumps(figure, ensure_ascii=False), flush=True)

    def client(self) -> Any:
        return Client(HTTP_HOST="127.0.0.1")

    def body(self, **changes: Any) -> dict[str, Any]:
        """An item as a reporter of the generated city would send it."""
        user = self.people["scale-reporter"]
        grid = tree().by_id[next(iter(user.rights.granted["reporter"]))]
        n = self.chance.randrange(10**9)
        return {
            "category": "sanitation",
            "subcategory": "waste",
            "title": f"桂花安巷{n % 300}号垃圾桶满溢",
            "narrative": f"居民反映桂花安巷{n % 300}号垃圾桶没有及时清运，堆到人行道上，气味刺鼻，涉及{n % 80}户。",
            "occurred_at": "2026-11-20T09:00:00+08:00",
            "seen_at": "2026-11-20T09:30:00+08:00",
            "place": {"text": f"桂花安巷{n % 300}号"},
            "grid": grid.code,
            "source": {"method": "visit"},
            "key_points": ["垃圾桶满溢"],
            "analysis": "清运频次不足",
            "suggestion": "增加清运班次",
            "details": {
                "area": f"桂花安巷{n % 300}号",
                "factor": "frequency",
                "factor_words": "每周只清运两次",
                "severity": "middle",
            },
            "parties": [{"role": "proposer", "name": "李兰", "phone": f"138{n % 10**8:08d}"}],
            "status": "submitted",
            **changes,
        }

    # --- figures

    def create(self) -> None:
        client, headers = self.client(), self.headers["scale-reporter"]

        def do() -> None:
            answer = client.post("/api/v1/items", self.body(), content_type="application/json", **headers)
            assert answer.status_code == 201, answer.content

        self.tell("create", do, self.times, bar=5.0)

    def create_with_photo(self) -> None:
        from PIL import Image

        client, headers = self.client(), self.headers["scale-reporter"]
        shot = Image.effect_noise((1600, 1200), 40).convert("RGB")

        def do() -> None:
            made = client.post("/api/v1/items", self.body(), content_type="application/json", **headers).json()
            out = io.BytesIO()
            shot.putpixel((self.chance.randrange(1600), self.chance.randrange(1200)), (255, 0, 0))
            shot.save(out, "JPEG", quality=85)
            photo = SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")
            answer = client.post("/api/v1/attachments", {"item": made["id"], "file": photo}, **headers)
            assert answer.status_code in (200, 201), answer.content

        self.tell(
            "create-with-photo", do, max(5, self.times // 10), photo="1600x1200 JPEG; encoding it is in the figure"
        )

    def batch(self) -> None:
        client, headers = self.client(), self.headers["scale-reporter"]

        def do() -> None:
            answer = client.post(
                "/api/v1/items/batch",
                {"items": [self.body() for _n in range(500)]},
                content_type="application/json",
                **headers,
            )
            assert answer.json()["created"] == 500, answer.content[:500]

        self.tell("batch", do, max(2, self.times // 50), per=500, bar=0.7, rows=500)

    def list(self) -> None:
        client = self.client()
        for who in ("scale-reviewer", "scale-subdistrict", "scale-city"):
            for name, query in (
                ("all", {}),
                ("category", {"category": "event"}),
                ("subcategory", {"subcategory": "event.theft"}),
                ("open", {"status": "open"}),
            ):
                pages = self._pages(client, who, query)

                def do(pages: Sequence[dict[str, str]] = pages, who: str = who) -> None:
                    answer = client.get("/api/v1/items", self.chance.choice(pages), **self.headers[who])
                    assert answer.status_code == 200, answer.content

                self.tell("list", do, self.times, bar=15.0, view=who, filter=name, pages=len(pages))

    def _pages(self, client: Any, who: str, query: dict[str, str]) -> Sequence[dict[str, str]]:
        """First pages, and places deep in the list."""
        pages = [query]
        filters, cursor = Filters.read(query), ""
        for _n in range(10):
            result = search.find(self.people[who], filters, cursor, 50)
            if not result.next:
                break
            cursor = result.next
            pages.append({**query, "cursor": cursor})
        with self.connection.cursor() as cursor_:
            cursor_.execute(
                "SELECT id, reported_at FROM items_item TABLESAMPLE SYSTEM"
                " (0.05) WHERE reported_at IS NOT NULL LIMIT 40"
            )
            for id_, at in cursor_.fetchall():
                pages.append(
                    {**query, "cursor": search.write_cursor({"priority": 0, "reported_at": at, "id": id_}, filters)}
                )
        return pages

    def queue(self) -> None:
        client = self.client()
        client.force_login(self.people["scale-reviewer"], backend="allauth.account.auth_backends.AuthenticationBackend")

        def do() -> None:
            assert client.get("/review/").status_code == 200

        self.tell("queue", do, self.times, bar=15.0, view="scale-reviewer", what="page /review/")

    def search(self) -> None:
        client = self.client()
        for who in ("scale-reviewer", "scale-subdistrict", "scale-city"):
            for kind, message in (("common", WORDS_COMMON), ("rare", WORDS_RARE)):
                pages = [p for word in message for p in self._pages(client, who, {"q": word})]

                def do(pages: Sequence[dict[str, str]] = pages, who: str = who) -> None:
                    answer = client.get("/api/v1/items", self.chance.choice(pages), **self.headers[who])
                    assert answer.status_code == 200, answer.content

                self.tell("search", do, self.times, bar=15.0, view=who, kind=kind, pages=len(pages))

    def dashboard(self) -> None:
        began = time.perf_counter()
        rollups.refresh()
        print(
            json.dumps({"bench": "rollups", "items": self.items, "seconds": round(time.perf_counter() - began, 2)}),
            flush=True,
        )
        client = self.client()
        for who in ("scale-reviewer", "scale-city"):
            client.force_login(self.people[who], backend="allauth.account.auth_backends.AuthenticationBackend")

            def do() -> None:
                assert client.get("/stats/").status_code == 200

            self.tell("dashboard", do, max(20, self.times // 4), view=who, what="page /stats/, twelve weeks")

    def import_(self) -> None:
        import xlsxwriter

        community = next(iter(self.people["scale-reviewer"].rights.communities()))
        rows = 5_000
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "messages.xlsx"
            book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
            sheet = book.add_worksheet()
            for column, name in enumerate(("编号", "标题", "内容", "时间", "留言人")):
                sheet.write(0, column, name)
            mark = self.chance.randrange(10**9)
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT narrative FROM items_item WHERE channel = 'scale' LIMIT 500")
                texts = [t for (t,) in cursor.fetchall()]
            for n in range(1, rows + 1):
                message = "\u3000\u3000" + "".join(self.chance.sample(texts, self.chance.choice((1, 2, 4, 8)))) + "\n\n"
                for column, value in enumerate(
                    (f"B{mark}-{n}", message.strip()[:30], message, f"2026/{n % 9 + 1}/6 12:09:38", "张三")
                ):
                    sheet.write_string(n, column, value)
            book.close()
            app, database, began = time.process_time(), self._database_cpu(), time.perf_counter()
            report = importing.run(path, community=community, user=importing.account())
            wall = time.perf_counter() - began
            cpu = time.process_time() - app + self._database_cpu() - database
        print(
            json.dumps(
                {
                    "bench": "import",
                    "items": self.items,
                    "rows": report.filed,
                    "rows_a_second": round(report.filed / wall),
                    "cpu_ms": round(cpu * 1000 / rows, 3),
                    "floor_cpu_ms": self.floor_cpu_ms,
                    "ratio": round(cpu * 1000 / rows / self.floor_cpu_ms, 1) if self.floor_cpu_ms else None,
                    "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                    "community": tree().by_id[community].code,
                }
            ),
            flush=True,
        )


def _parent(pid: int) -> int:
    """The database's first process, when it runs on this machine; 0 else."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1]) if "postgres" in stat else 0


@contextmanager
def _counting(connection: Any) -> Iterator[list[int]]:
    count = [0]

    def counted(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        count[0] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(counted):
        yield count
