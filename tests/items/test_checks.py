"""The computed checks: each for yes and for no (4.3.1, 1.3.1, 1.3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from linbao.core import clock, ids
from linbao.items import hints, place, services
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.models import Hint, Item
from tests.items import samples
from tests.items.conftest import Town, event, square, told


def codes(item: Item) -> set[str]:
    hints.refresh([item])
    return set(Hint.objects.filter(item=item).values_list("code", flat=True))


def file(town: Town, data: dict[str, Any], *photos: bytes, by: str = "reporter") -> Item:
    person = town.people[by]
    item = services.create(person, data, item_id=ids.new())
    for photo in photos:
        attachments.attach(person, AttachFile(item=item.pk), file=photo, name="现场.jpg")
    return services.submit(person, item.pk)


@pytest.mark.clause("4.3.1")
def test_a_sound_report_has_nothing_to_remark_but_the_photo(town: Town) -> None:
    assert codes(file(town, told())) == {"no_photo"}
    good = samples.jpeg(data=samples.exif())
    assert codes(
        file(
            town,
            told(
                title="六栋门前积水",
                narrative="六栋门前雨后积水约十平方米，行人绕行。",
                place={"text": "6栋门前", "lat": 30.652, "lon": 104.062},
            ),
            good,
        )
    ) == {"none"}


@pytest.mark.clause("4.1.2")
def test_a_letter_that_no_font_has_is_remarked(town: Town) -> None:
    assert "glyphs" in codes(file(town, told(narrative="住户\U0003fffd某反映门口积水，已经三天没有退去。")))
    assert "glyphs" not in codes(file(town, told(narrative="住户𬺰某反映门口积水，已经三天没有退去。")))


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("住户张先生电话 13812345678，说已经反映多次没有回音。", "phone_in_text"),
        ("住户身份证 11010519491231002X，反映楼道堆物没有人管。", "id_number"),
        ("设备编号 110105194912310021，已经损坏一周没有人管。", None),  # the checksum is wrong: no ID number
        ("设备编号 1381234567890，已经损坏一周没有人来管。", None),  # 13 digits: no phone
    ],
)
def test_personal_data_inside_running_text(town: Town, words: str, code: str | None) -> None:
    result = codes(file(town, told(narrative=words)))
    assert (code in result) if code else not result & {"phone_in_text", "id_number"}


@pytest.mark.clause("4.3.1")
def test_phones_that_nobody_has(town: Town) -> None:
    fake = event(parties=[{"role": "involved", "name": "张三", "phone": "13800000000"}])
    assert "phone" in codes(file(town, fake))
    assert "phone" not in codes(file(town, event()))


@pytest.mark.clause("4.3.1")
def test_the_four_times_in_their_order(town: Town) -> None:
    item = file(town, told())
    assert not codes(item) & {"seen_before", "future", "reported_before"}
    # The phone's clock, and items from a spreadsheet, may bring what a form would refuse.
    item.occurred_at, item.seen_at = item.seen_at, item.occurred_at
    assert "seen_before" in codes(item)
    assert item.reported_at is not None
    item.seen_at = item.reported_at.replace(year=2027)
    assert {"future", "reported_before"} <= codes(item)


@pytest.mark.clause("4.3.1")
@pytest.mark.parametrize(
    ("lat", "lon", "out"),
    [(30.652, 104.062, False), (30.652, 104.0640001, False), (30.652, 104.066, True), (31.0, 104.062, True)],
)
def test_a_point_outside_the_grid(town: Town, lat: float, lon: float, out: bool) -> None:
    result = codes(file(town, told(place={"text": "3栋2单元", "lat": lat, "lon": lon})))
    assert ("outside" in result) == out


@pytest.mark.clause("3.2")
@pytest.mark.parametrize(
    ("course", "dead", "injured", "wrong"),
    [
        ("电动车充电冒烟，物业扑灭，无人员伤亡。", 0, 0, False),
        ("电动车起火，一名住户烧伤送医。", 0, 0, True),
        ("电动车起火，一名住户烧伤送医。", 0, 1, False),
        ("电动车起火，未造成人员伤亡，物业已处理完毕。", 0, 2, True),
        ("老人从楼梯摔下，当场死亡，家属在场。", 0, 0, True),
    ],
)
def test_casualties_agree_with_the_course(town: Town, course: str, dead: int, injured: int, wrong: bool) -> None:
    data = event(details={"course": course, "casualties": {"dead": dead, "injured": injured, "missing": 0}})
    data["narrative"] = course
    assert ("casualties" in codes(file(town, data))) == wrong


@pytest.mark.clause("4.3.1")
def test_a_narrative_that_only_repeats_the_title(town: Town) -> None:
    assert "only_title" in codes(file(town, told(narrative="三栋的楼道堆放旧家具。")))
    assert "only_title" not in codes(file(town, told()))


@pytest.mark.clause("2.2.1")
def test_a_near_duplicate_is_named_and_another_matter_is_not(town: Town) -> None:
    first = file(town, told())
    file(town, told(title="路灯不亮", narrative="小区东门两盏路灯连续三天不亮，夜间行走不便。", place={"text": "东门"}))
    second = file(
        town, told(title="三栋楼道有旧家具堆放", narrative="三栋二单元一楼楼道堆着旧沙发和床板，居民进出不便。")
    )
    hints.refresh([second])
    assert [h.other_id for h in Hint.objects.filter(item=second, code="duplicate")] == [first.pk]


@pytest.mark.clause("1.3.4")
def test_a_confidential_item_is_not_given_away_as_a_duplicate(town: Town) -> None:
    file(town, told(sensitivity="confidential", named=[str(town.reviewer.pk)]))
    assert "duplicate" not in codes(file(town, told()))


@pytest.mark.clause("1.3.1")
def test_photos_taken_elsewhere_earlier_or_used_before(town: Town) -> None:
    spot = {"text": "3栋2单元", "lat": 30.652, "lon": 104.062}
    away = samples.jpeg(1200, 900, seed=21, data=samples.exif(lat=30.70))
    assert "photo_elsewhere" in codes(file(town, told(place=spot), away))
    old = samples.jpeg(1200, 900, seed=22, data=samples.exif(taken="2026:10:01 08:00:00"))
    assert "photo_earlier" in codes(file(town, told(place=spot), old))
    first = file(town, told(title="先报的"), samples.jpeg(1200, 900, seed=23))
    again = file(
        town, told(title="另一件毫不相干的事", place={"text": "别处"}), samples.jpeg(1000, 750, seed=23, quality=55)
    )
    hints.refresh([again])
    assert Hint.objects.get(item=again, code="photo_used").other_id == first.pk


@pytest.mark.clause("4.3.1")
def test_hints_are_made_anew_when_the_item_was_changed(town: Town) -> None:
    item = file(town, told(narrative="住户电话 13812345678，说已经反映多次没有回音。"))
    assert "phone_in_text" in {h.code for h in hints.of(item)}
    message = "住户说已经反映多次没有回音，请尽快处理。"
    Item.objects.filter(pk=item.pk).update(narrative=message, typed=None, changed_at=clock.now())
    assert "phone_in_text" not in {h.code for h in hints.of(Item.objects.get(pk=item.pk))}


def test_checks_cost_the_same_for_one_item_and_among_fifty(town: Town, django_assert_num_queries: Any) -> None:
    item = file(town, told(), samples.jpeg(seed=31))
    item = Item.objects.get(pk=item.pk)
    with django_assert_num_queries(4 + 5):  # parties, files, duplicates, photos; begin, lock, delete, insert, end
        hints.refresh([item])
    for n in range(50):
        file(town, told(title=f"三栋楼道堆放旧家具 {n}"))
    with django_assert_num_queries(9):
        hints.refresh([item])


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'items.check_items'")
        return int(cursor.fetchone()[0])


@pytest.mark.clause("4.3.1")
def test_one_job_checks_all_that_was_submitted(town: Town, django_assert_max_num_queries: Any) -> None:
    told_once = file(town, told(narrative="住户电话 13812345678，说已经反映多次没有回音。"))
    for n in range(20):
        file(town, told(title=f"三栋楼道堆放旧家具 {n}"))
    assert jobs() == 1
    with django_assert_max_num_queries(16):
        assert hints.check_marked() == 21
    assert set(Item.objects.values_list("pk", flat=True)) == set(Hint.objects.values_list("item_id", flat=True))
    assert "phone_in_text" in told_once.hints.values_list("code", flat=True)
    assert hints.check_marked() == 0


@pytest.mark.clause("4.3.1")
def test_a_photo_that_comes_after_the_submit_is_checked(town: Town) -> None:
    item = file(town, told(place={"text": "3栋2单元", "lat": 30.652, "lon": 104.062}))
    hints.check_marked()
    away = samples.jpeg(1200, 900, seed=21, data=samples.exif(lat=30.70))
    attachments.attach(town.reporter, AttachFile(item=item.pk), file=away, name="现场.jpg")
    assert hints.check_marked() == 1
    assert "photo_elsewhere" in item.hints.values_list("code", flat=True)


@given(st.floats(-0.01, 0.02), st.floats(-0.01, 0.02))
def test_outside_agrees_with_plain_bounds(dx: float, dy: float) -> None:
    result = place.outside(square(104.06, 30.65, 104.07, 30.66), 30.65 + dy, 104.06 + dx)
    inside = 0 < dx < 0.01 and 0 < dy < 0.01
    assert result is not None
    assert (result == 0) == inside or result < 1  # on the very edge either is right


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.floats(), max_size=3),
        lambda x: (
            st.lists(x, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features"]), x, max_size=3)
        ),
    )
)
def test_any_outline_is_survived(shape: Any) -> None:
    for outline in (shape, {"type": "Polygon", "coordinates": shape}, {"type": "MultiPolygon", "coordinates": shape}):
        place.outside(outline, 30.0, 104.0)


@given(st.text(alphabet="0123456789X", min_size=18, max_size=18))
def test_an_id_number_is_told_by_its_checksum(digits: str) -> None:
    weights = [2 ** (17 - n) % 11 for n in range(17)]
    body = digits[:17].replace("X", "1")
    right = "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
    assert hints.id_number(body + right)
    assert not hints.id_number(body + ("0" if right != "0" else "1"))
