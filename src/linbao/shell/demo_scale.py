"""`linbao demo --scale N`: N communities of generated but natural data, by COPY (design §6, §8).

Everything is invented: streets, people, matters. The same seed gives the same city. None of the items is urgent: an
emergency is calls, sealed documents and alarms that only the product itself makes (2.3.2).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from linbao.core import clock, ids, text
from linbao.items.models import APPROVED_STATUSES, Sensitivity, Source
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.organisation.tree import reference
from linbao.platform import partitions

ITEMS_EACH = 2_500  # a community's half year of items, domain.md §8
DAYS = 365
STREETS = [
    "桂花",
    "梧桐",
    "荷塘",
    "书院",
    "望江",
    "银杏",
    "竹林",
    "锦绣",
    "石桥",
    "柳荫",
    "青龙",
    "建设",
    "人民",
    "新华",
    "解放",
    "文昌",
    "紫荆",
    "玉兰",
    "海棠",
    "芙蓉",
    "翠竹",
    "东风",
    "胜利",
    "和平",
    "龙泉",
    "学府",
    "春熙",
    "天府",
    "清波",
    "临江",
    "槐荫",
    "樟树",
]
ENDS = ["巷", "路", "里", "街", "苑", "坊", "台", "道"]
NAMES = [
    "安",
    "宁",
    "和",
    "泰",
    "康",
    "顺",
    "祥",
    "福",
    "丰",
    "盛",
    "明",
    "华",
    "荣",
    "昌",
    "兴",
    "瑞",
    "嘉",
    "庆",
    "佳",
    "美",
]
SHOPS = [
    "小吃店",
    "水果店",
    "理发店",
    "便利店",
    "药房",
    "洗衣店",
    "面馆",
    "快递驿站",
    "修车铺",
    "文具店",
    "麻将馆",
    "幼儿园",
]
WHO = [
    "张大爷",
    "李阿姨",
    "王师傅",
    "陈女士",
    "刘先生",
    "赵奶奶",
    "周老师",
    "吴先生",
    "郑女士",
    "孙大姐",
    "冯大爷",
    "何阿姨",
]
WHEN = [
    "昨天傍晚",
    "今天早上",
    "上周末",
    "连续三天",
    "凌晨",
    "中午",
    "下雨之后",
    "近半个月",
    "节后",
    "开学以来",
    "夜间",
    "清晨",
]
# subcategory, matter, what happened, what is wanted
MATTERS: list[tuple[str, str, str, str]] = [
    (
        "sanitation.waste",
        "垃圾桶满溢",
        "垃圾桶没有及时清运，袋装垃圾堆到人行道上，污水流出来气味刺鼻",
        "增加清运班次并加装带盖的桶",
    ),
    (
        "sanitation.waste",
        "建筑垃圾乱倒",
        "有人装修后把建筑垃圾倒在绿化带旁，砖块和木板挡住了通道",
        "查找责任人并尽快清走",
    ),
    (
        "sanitation.dead_corner",
        "楼后卫生死角",
        "楼后夹道堆着旧沙发和泡沫箱，蚊虫很多，长期没有人打扫",
        "组织一次集中清理",
    ),
    ("sanitation.greening", "树枝遮挡路灯", "行道树长得太密，树枝压到电线，晚上路灯几乎照不到路面", "请园林部门修剪"),
    (
        "sanitation.noise",
        "夜间噪声扰民",
        "音响一直放到深夜，老人和孩子睡不好，劝过几次没有效果",
        "协调经营时间并检测噪声",
    ),
    ("sanitation.sewage", "污水外溢", "化粪池井盖处污水外溢，沿着路面流到单元门口，行人只能绕行", "疏通管道并清洗路面"),
    ("sanitation.occupying", "占道堆放杂物", "商户把货架和纸箱摆到盲道上，轮椅和婴儿车过不去", "劝导商户退回店内经营"),
    ("sanitation.pests", "老鼠出没", "垃圾房附近白天也能看到老鼠，担心传染疾病", "投放药饵并封堵鼠洞"),
    (
        "event.fire_safety",
        "楼道堆物堵塞消防通道",
        "楼道里停着电动自行车并且飞线充电，消防通道被纸箱堵住",
        "联合物业清理并安装充电桩",
    ),
    ("event.gas", "楼道闻到燃气味", "楼道里能闻到明显的燃气味，已提醒住户关阀开窗，不要开灯", "请燃气公司立即检测"),
    ("event.high_fall", "外墙瓷砖脱落", "外墙瓷砖松动，已有两块掉到楼下停车位，幸好没有伤人", "先拉警戒线再安排排险"),
    (
        "event.lift",
        "电梯反复停运",
        "电梯一周内停了三次，还有一次关人十几分钟，老人不敢坐",
        "请维保单位彻底检修并公示结果",
    ),
    ("event.flood", "地下车库积水", "暴雨后地下车库入口积水约二十厘米，排水泵没有启动", "检修水泵并备好沙袋"),
    (
        "event.neighbour",
        "漏水引起邻里纠纷",
        "楼上卫生间漏水，楼下天花板发霉，两家多次争吵没有结果",
        "请调解员上门协调维修费用",
    ),
    (
        "event.property_service",
        "物业收费争议",
        "物业上调停车费没有公示，部分业主拒交，双方情绪比较激动",
        "请物业公开账目并召开协商会",
    ),
    (
        "event.wage",
        "工人讨要工资",
        "装修工人反映完工两个月没有拿到工资，多次联系包工头没有答复",
        "协助联系劳动监察部门",
    ),
    ("event.theft", "电动车电池被盗", "停在楼下的电动车电池夜里被偷，监控有一处盲区", "报警并补装摄像头"),
    ("event.fire", "厨房油锅起火", "厨房油锅起火，邻居用灭火器扑灭，无人受伤，灶台烧黑", "上门检查并做一次消防宣传"),
    ("construction.lighting", "路灯不亮", "整段路的路灯都不亮，上晚自习的学生回家要打手电筒", "更换灯具并检查线路"),
    ("construction.road", "路面坑洼", "路面有一处大坑，雨天积水看不见，已经有骑车的人摔倒", "填补路面并设置警示"),
    (
        "construction.facility_damage",
        "健身器材损坏",
        "健身器材的扶手断裂，孩子还在上面玩，存在受伤危险",
        "先贴封条再维修更换",
    ),
    (
        "construction.lift",
        "加装电梯意见不一",
        "单元居民对加装电梯的费用分摊意见不一致，低层住户担心采光",
        "组织座谈会逐户沟通",
    ),
    ("construction.parking", "停车位紧张", "晚上七点以后就没有车位，车辆停到消防登高面上", "挖掘错时共享车位"),
    (
        "construction.project",
        "老旧小区改造进展",
        "老旧小区改造管网已经完成八成，外墙保温刚开始搭架子",
        "每周公布进度并加强现场围挡",
    ),
    ("opinion.service", "希望延长服务时间", "上班的居民赶不上办事大厅开门，希望周六也能办居住证", "试行周末延时服务"),
    ("opinion.culture", "想办合唱团", "退休的居民想组织合唱团，缺少排练的场地和指导老师", "开放活动室并联系志愿者"),
    (
        "opinion.welfare",
        "独居老人送餐需求",
        "独居老人行动不便，买菜做饭困难，希望有助餐点送餐上门",
        "纳入助餐名单并安排邻里结对",
    ),
    (
        "opinion.facility",
        "建议加装座椅",
        "公交站到小区一路没有可以歇脚的地方，老人走走停停很吃力",
        "在树荫下加装两张座椅",
    ),
    (
        "opinion.environment",
        "建议垃圾分类讲解",
        "新来的租户不清楚怎么分类，厨余垃圾常常混投",
        "请志愿者在投放时段值守讲解",
    ),
    ("opinion.property", "反映门禁损坏", "单元门禁坏了很久，外来人员随意进出，贴了不少小广告", "修好门禁并清除小广告"),
]
STATUSES = (
    ["closed"] * 86
    + ["submitted"] * 3
    + ["returned"] * 1
    + ["approved"] * 1
    + ["handling"] * 4
    + ["resolved"] * 1
    + ["informed"] * 2
    + ["evaluated"] * 1
    + ["withdrawn"]
)


def add_arguments(parser: Any) -> None:
    parser.add_argument("--scale", type=int, default=0, metavar="N", help="改为生成 N 个社区的数据")
    parser.add_argument("--items", type=int, default=ITEMS_EACH, help="与 --scale 合用：每个社区的条目数")


# What the sums count of the timeline: verb, before, after, moment and condition of the items that have the step.
APPROVED = ", ".join(f"'{status.value}'" for status in APPROVED_STATUSES)
STEPS = (
    ("return", "submitted", "returned", "i.reported_at + interval '3 hours'", "i.returns > 0"),
    ("approve", "submitted", "approved", "i.reported_at + interval '1 day'", f"i.status IN ({APPROVED})"),
    ("close", "evaluated", "closed", "i.closed_at", "i.status = 'closed'"),
)


def fill(communities: int, items_each: int = ITEMS_EACH, *, seed: int = 4, say: Any = None) -> dict[str, Any]:
    """Fill the database with `communities` of `items_each` items over the past year; returns what was made.

    Users `scale-reporter`, `scale-reviewer` (first community), `scale-subdistrict`, `scale-city` (managers) stand for
    the narrow and the wide view.
    """
    chance = random.Random(seed)
    with transaction.atomic():
        towns = _units(communities, chance)
        _people(towns, chance)
    reference.changed()
    now = clock.now()
    partitions.ensure("items_entry", start=(now - timedelta(days=DAYS + 31)).date())
    total, done, big = communities * items_each, 0, communities * items_each > 50_000
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        if big:
            cursor.execute("DROP INDEX IF EXISTS item_text_terms")
        batch = 5_000
        for start in range(0, total, batch):
            made = list(_items(range(start, min(total, start + batch)), total, towns, now, chance))
            _copy(cursor, made)
            done += len(made)
            if say and done % 100_000 < batch:
                say(done, total)
        if big:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS item_text_terms ON items_itemtext USING"
                " gin (terms) WITH (gin_pending_list_limit = 2048)"
            )
        # The timeline's first line and the duty of review, for every item that was made here. Nobody did these
        # deeds, so that the audit log has nothing of them.
        cursor.execute("ALTER TABLE items_entry DISABLE TRIGGER items_entry_audited")
        cursor.execute(
            "INSERT INTO items_entry (id, at, item_id, actor_id, actor_name, verb, before, after, note, data)"
            " SELECT gen_random_uuid(), i.reported_at, i.id, i.reporter_id,"
            " u.name, 'submit', 'draft', 'submitted', '', '{}'"
            " FROM items_item i JOIN organisation_user u ON u.id = i.reporter_id WHERE i.channel = 'scale'"
            " AND NOT EXISTS (SELECT 1 FROM items_entry e WHERE e.item_id = i.id)"
        )
        for verb, before, after, moment, where in STEPS:
            cursor.execute(
                "INSERT INTO items_entry (id, at, item_id, actor_id, actor_name, verb, before, after, note, data)"
                f" SELECT gen_random_uuid(), {moment}, i.id, NULL, '', %s, %s, %s, '', '{{}}'"
                f" FROM items_item i WHERE i.channel = 'scale' AND {where}"
                " AND NOT EXISTS (SELECT 1 FROM items_entry e WHERE e.item_id = i.id AND e.verb = %s)",
                [verb, before, after, verb],
            )
        cursor.execute("ALTER TABLE items_entry ENABLE TRIGGER items_entry_audited")
        cursor.execute(
            "INSERT INTO handling_evaluation (id, item_id, round, verdict, reason, by_link, at)"
            " SELECT gen_random_uuid(), i.id, 1, i.verdict, CASE i.verdict WHEN"
            " 'none' THEN '居民不便评价' ELSE '' END, TRUE,"
            " i.closed_at - interval '6 hours' FROM items_item i WHERE i.channel = 'scale' AND i.status = 'closed'"
            " ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO duties_obligation (id, kind, clause, unit_id, community_id,"
            " subject_type, subject_id, key, title, opened_at, due_at, met_at,"
            " waived_reason, next_step) SELECT gen_random_uuid(), 'review', '4.3.1',"
            " i.community_id, i.community_id, 'items.item', i.id,"
            " 'review:' || i.community_id || ':' || i.id || '::0', i.title,"
            " i.reported_at, i.reported_at + interval '1 day',"
            " CASE WHEN i.status = 'submitted' THEN NULL ELSE i.reported_at + interval '1"
            " hour' * (1 + abs(hashtext(i.id::text)) % 27) END, '', 9"
            " FROM items_item i WHERE i.channel = 'scale' ON CONFLICT DO NOTHING"
        )
        for table in ("items_item", "items_itemtext", "duties_obligation"):
            cursor.execute(f"VACUUM (ANALYZE) {table}") if not connection.in_atomic_block else cursor.execute(
                f"ANALYZE {table}"
            )
        cursor.execute("RESET statement_timeout")
    return {"communities": communities, "items": total}


def _units(count: int, chance: random.Random) -> list[dict[str, Any]]:
    city = Unit(kind="city", code="510900000000", name="临川市（生成）")
    units, towns = [city], []
    districts = [
        Unit(kind="district", code=f"5109{d + 1:02d}000000", name=f"第{d + 1}区（生成）", parent=city)
        for d in range(-(-count // 200))
    ]
    subdistricts = [
        Unit(
            kind="subdistrict",
            code=f"{districts[s // 10].code[:6]}{s % 10 + 1:03d}000",
            name=f"{STREETS[s % len(STREETS)]}街道{s + 1}",
            parent=districts[s // 10],
        )
        for s in range(-(-count // 20))
    ]
    units += [*districts, *subdistricts]
    for n in range(count):
        above = subdistricts[n // 20]
        name = f"{chance.choice(STREETS)}{chance.choice(NAMES)}{chance.choice(ENDS)}"
        home = Unit(
            kind="community",
            code=f"{above.code[:9]}{n % 20 + 1:03d}",
            name=f"{name}社区",
            short_name=name,
            parent=above,
        )
        grids = [
            Unit(kind="grid", code=f"{home.code}{g + 1:03d}", name=f"第{g + 1}网格", parent=home) for g in range(8)
        ]
        office = Unit(kind="department", code=f"GEN{n:05d}", name="综合办理组", parent=home)
        units += [home, *grids, office]
        towns.append(
            {
                "unit": home,
                "grids": [g.id for g in grids],
                "office": office.id,
                "lat": 30 + n % 20 / 50,
                "lon": 104 + n // 20 / 50,
            }
        )
    Unit.objects.bulk_create(units, batch_size=1000)
    return towns


def _people(towns: list[dict[str, Any]], chance: random.Random) -> None:
    locked, users, grants = make_password(None), [], []

    def person(username: str, role: str, unit: UUID) -> UUID:
        user = User(
            username=username, name=chance.choice(WHO)[0] + chance.choice(NAMES) + chance.choice(NAMES), password=locked
        )
        users.append(user)
        grants.append(RoleGrant(user=user, role=role, unit_id=unit, starts=clock.today() - timedelta(days=DAYS + 31)))
        return user.pk

    for n, town in enumerate(towns):
        first = n == 0
        town["reporters"] = [
            person("scale-reporter" if first and not g else f"gen{n}r{g}", "reporter", grid)
            for g, grid in enumerate(town["grids"])
        ]
        town["reviewer"] = person("scale-reviewer" if first else f"gen{n}v", "reviewer", town["unit"].id)
        town["handler"] = person("scale-handler" if first else f"gen{n}h", "handler", town["office"])
    person("scale-subdistrict", "manager", towns[0]["unit"].parent_id)
    person("scale-city", "manager", Unit.objects.get(code="510900000000").pk)
    User.objects.bulk_create(users, batch_size=1000)
    RoleGrant.objects.bulk_create(grants, batch_size=1000)


_ITEM = [
    "id",
    "number",
    "category",
    "subcategory",
    "topic",
    "title",
    "narrative",
    "details",
    "key_points",
    "analysis",
    "suggestion",
    "status",
    "urgent",
    "priority",
    "sensitivity",
    "named",
    "version",
    "community_id",
    "grid_id",
    "reporter_id",
    "channel",
    "occurred_at",
    "seen_at",
    "reported_at",
    "arrived_at",
    "created_at",
    "changed_at",
    "closed_at",
    "place",
    "lat",
    "lon",
    "source",
    "handling_unit_id",
    "handler_id",
    "assistants",
    "due_at",
    "result",
    "verdict",
    "adopted",
    "round",
    "returns",
    "body_digest",
    "weekly_report",
    "notice_basis",
]

# Stands for the weekly reports of the generated past: nobody's next report takes a year's items in.
EARLIER_REPORTS = UUID("00000000-0000-7000-8000-000000000001")


def _items(
    numbers: range, total: int, towns: list[dict[str, Any]], now: datetime, chance: random.Random
) -> Iterator[tuple[tuple[Any, ...], str]]:
    sources, levels = Source.values, [Sensitivity.INTERNAL] * 17 + [Sensitivity.PUBLIC] * 2 + [Sensitivity.SENSITIVE]
    pick, made = chance.choice, chance.random
    step = timedelta(days=DAYS) / max(1, total)
    for n in numbers:
        # In the order of time, as a real table is filled; communities take turns.
        at = now - timedelta(days=DAYS) + step * n
        town = towns[int(made() * len(towns))]
        code, matter, course, wish = MATTERS[int(made() ** 1.3 * len(MATTERS))]
        category = code.partition(".")[0]
        g = int(made() * len(town["grids"]))
        street = f"{pick(STREETS)}{pick(NAMES)}{pick(ENDS)}"
        house = int(made() * 300) + 1
        place = f"{street}{house}号{int(made() * 20) + 1}栋"
        shop = f"{pick(STREETS)}{pick(NAMES)}{pick(NAMES)}{pick(SHOPS)}"
        narrative = (
            f"{pick(WHEN)}，{pick(WHO)}反映：{place}附近{course}。位置靠近{shop}，"
            f"涉及约{int(made() * 80) + 1}户居民。现场核实属实，已拍照，建议{wish}。"
        )
        recent = (now - at).days < 25
        status = pick(STATUSES) if recent else ("closed" if made() < 0.985 else pick(STATUSES))
        ended = status in ("closed", "withdrawn")
        handled = status in ("handling", "resolved", "informed", "evaluated", "closed")
        title = f"{place}{matter}"[:60]
        points, analysis = [matter], f"{matter}多因巡查频次不足"
        row: tuple[Any, ...] = (
            ids.new(),
            f"{town['unit'].code[-6:]}-{at:%y%m%d}-{n % 10000:04d}{n // 10000:03d}",
            category,
            code,
            "",
            title,
            narrative,
            "{}",
            points,
            analysis,
            wish,
            status,
            False,
            0,
            pick(levels),
            [],
            3,
            town["unit"].id,
            town["grids"][g],
            town["reporters"][g],
            "scale",
            at - timedelta(hours=3),
            at - timedelta(hours=1),
            at,
            at,
            at,
            at,
            at + timedelta(days=4) if status == "closed" else None,
            place,
            town["lat"] + made() / 60,
            town["lon"] + made() / 60,
            pick(sources),
            town["office"] if handled else None,
            town["handler"] if handled else None,
            [],
            at + timedelta(days=7) if handled else None,
            wish if ended else "",
            pick(("satisfied", "satisfied", "mostly_satisfied", "unsatisfied", "none")) if status == "closed" else "",
            False,
            1,
            int(made() < 0.12),
            "",
            EARLIER_REPORTS if (now - at).days >= 7 else None,
            "",
        )
        terms = text.search_terms("\n".join((title, narrative, matter, analysis, wish)))
        yield row, " ".join(f"'{t}'" for t in [*terms, *text.place_terms(town["unit"].code, at.astimezone(UTC).date())])


def _copy(cursor: Any, made: list[tuple[tuple[Any, ...], str]]) -> None:
    with transaction.atomic():
        with cursor.copy(f"COPY items_item ({', '.join(_ITEM)}) FROM STDIN") as copy:
            for row, _terms in made:
                copy.write_row(row)
        with cursor.copy("COPY items_itemtext (item_id, community_id, reported_at, terms) FROM STDIN") as copy:
            for row, terms in made:
                copy.write_row((row[0], row[17], row[23], terms))


def run(args: Any) -> int:
    """Prints one JSON line with what was made."""
    made = fill(
        args.scale, args.items, say=lambda done, total: print(json.dumps({"items": done, "of": total}), flush=True)
    )
    print(json.dumps(made))
    return 0
