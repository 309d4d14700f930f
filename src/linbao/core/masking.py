"""Masking of persons in running text and in fields of their own: the one door (1.3.4; domain.md §5).

Names 张* / 欧阳*, phones 138****1234, ID numbers 510***********1234, bank cards 6222********0005, plates 川A·***45,
addresses to the building (3栋***). Item and document numbers, dates, times, amounts, counts, addresses on the web and
public service numbers (400, 800, 95…, 12345) stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date

_COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐司徒夏侯司空端木百里南宫"
        "轩辕宇文长孙独孤呼延闻人东郭西门赫连澹台濮阳公冶太史申屠钟离鲜于",
    )
)
# What people write in the place of a name: masked wherever it occurs it would leave the text without sense.
_NO_NAME = re.compile(
    "居民|业主|住户|租户|商户|群众|市民|村民|匿名|不详|未知|物业|社区|老人|儿童|学生|店主|店员|司机|路人|行人|保安|保洁|"
    "房东|租客|邻居|本人|当事人|提出人|目击者|受害人|联系人|报告员|无名|楼上|楼下|多人|众人"
)
# One character for one: what is found in the folded text lies at the same place in the text itself.
_FOLD = (
    {0xFF10 + n: str(n) for n in range(10)}
    | {start + n: chr(ascii_start + n) for start, ascii_start in ((0xFF21, 65), (0xFF41, 97)) for n in range(26)}
    | str.maketrans("（）＋／＃．　\u00a0", "()+/#.  ")
    | dict.fromkeys(map(ord, "－—–‐‑‒―−～~"), "-")
    | dict.fromkeys(map(ord, "•・∙‧"), "·")
)
_MAYBE = re.compile(r"[0-9０-９一二三四五六七八九十零〇]")

# --- one's own fields ----------------------------------------------------------------------------


def mask_name(name: str) -> str:
    """张* / 欧阳* (domain.md §5)."""
    name = name.strip()
    if not name:
        return ""
    return (name[:2] if name[:2] in _COMPOUND_SURNAMES else name[:1]) + "*"


def mask_phone(phone: str) -> str:
    """138****1234; landlines keep area code and the last two digits."""
    digits = re.sub(r"\D", "", phone.translate(_FOLD))
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{digits[:4]}****{digits[-2:]}" if len(digits) > 6 else "****"


def valid_id_number(value: str) -> bool:
    """Whether 18 characters are an ID number: a date of birth inside, and the check digit of GB 11643."""
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", value) or not _birthday(value[6:14]):
        return False
    total = sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(value[:17]))
    return "10X98765432"[total % 11] == value[17].upper()


def luhn(digits: str) -> bool:
    """Whether the check digit of a bank card number is right."""
    total = 0
    for n, c in enumerate(reversed(digits)):
        d = int(c) * (2 if n % 2 else 1)
        total += d - 9 if d > 9 else d
    return total % 10 == 0


def _birthday(digits: str) -> bool:
    try:
        return 1890 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


# --- what stays ----------------------------------------------------------------------------------

_DATE = r"(?:19|20)\d{2}(?P<ds>[-/.])\d{1,2}(?P=ds)\d{1,2}(?:[ T]\d{1,2}:\d{2})?(?!\d)"
_STAYS = re.compile(
    r"https?://[^\s\u2e80-\u9fff，。；、()]+"
    r"|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?<![0-9a-f])(?=\d*[a-f])[0-9a-f]{24,}(?![0-9a-f])"
    r"|(?<!\d)\d{6}-\d{6}-\d{4}(?!\d)"
    rf"|(?<!\d){_DATE}"
    r"|(?<!\d)(?:19|20)\d{2}年(?:\d{1,2}月)?(?:\d{1,2}日)?"
    r"|〔\d{4}〕\d{1,5}号"
    r"|(?<!\d)[48]00[ -]?\d{3,4}[ -]?\d{3,4}(?!\d)"
)
_IN_URL = re.compile(r"(?<![\w-])1[3-9]\d{9}(?![\w-])")

# --- numbers of people ---------------------------------------------------------------------------

_S = r"[ .·\-_/(),，、]"
_MOBILE = re.compile(
    r"(?<!\d)(?:(?:(?:\+|00) ?)?\(?\+?(?:00)?86\)?[ \-]{0,3}|0)?"
    rf"(?P<number>\(?1[3-9]\d(?:{_S}{{0,3}}\d){{8}}"
    r"|1(?P<each>[ .·\-_/])[3-9](?:(?P=each)\d){9})(?!\d)"
)
_DATE_AFTER = re.compile(r"\d{3}[^\d]+" + _DATE)
_ID18 = re.compile(
    r"(?<![\dA-Za-z])[1-9]\d{5}[ -]?(?:18|19|20)\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{3}[ -]?[\dXx](?![\dA-Za-z])"
)
_ID15 = re.compile(r"(?<![\dA-Za-z])[1-9]\d{5}[ -]?[2-9]\d{5}[ -]?\d{3}(?![\dA-Za-z])")
_CARD = re.compile(r"(?<![\d.])[3-69]\d{3}(?:[ \-]?\d){12,15}(?!\d)")
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:\+|00)86[ -]{0,3}\(?0?|\(?0)(?:10|2\d|[3-9]\d{2})\)?[ .·\-]{0,3}"
    r"[2-9]\d{2,3}[ .·\-]?\d{4}(?: ?(?:转|ext\.?) ?\d{1,6}|-\d{1,6})?(?!\d)"
)
_LOCAL = re.compile(r"(?<![\d.\-/:])[2-8]\d{2,3}[ ·\-]?\d{4}(?:(?:转|-)\d{1,6})?(?![\d.]\d|\d)")
_HAN_PHONE = re.compile(r"[一幺壹][三四五六七八九][〇零一幺二两三四五六七八九]{9}(?![〇零一二三四五六七八九])")
_SPEAKS_OF_PHONE = re.compile(
    r"(?:电话|座机|固话|联系|致电|拨打|来电|回电|手机|号码|微信|传真|tel|phone|mobile)[^。；;\n]{0,24}$", re.IGNORECASE
)
_SPEAKS_OF_ID = re.compile(r"(?:身份证|证件)[^。；;\n]{0,12}$")
_SPEAKS_OF_CODE = re.compile(r"(?:编号|单号|号|码|代码|[Nn][Oo]\.?|№|#|[A-Za-z]|[¥￥$]|第)[ :：]*$")
_MEASURE = (
    r"(?! ?(?:元|万|亿|千|百|余|多|户|人|名|位|家|个|米|平|㎡|吨|斤|公|毫|厘|千|升|度|次|件|条|张|份|年|月|日|天|"
    r"时|点|分|秒|字|步|辆|台|株|棵|盏|只|根|处|块|岁|层|号线|路|[%％℃]|k?m\b|kg|[.:/]\d))"
)
_MEASURED = re.compile(_MEASURE)

# --- plates --------------------------------------------------------------------------------------

_PLATE = re.compile(
    r"(?P<place>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼])"
    r" ?(?P<letter>[A-HJ-Za-hj-z]) ?[·.\-]? ?"
    r"(?P<rest>[A-HJ-NP-Za-hj-np-z0-9]{4}[警学挂港澳领试超]|[A-HJ-NP-Za-hj-np-z0-9]{5,6})(?![A-Za-z0-9])"
)

# --- doors ---------------------------------------------------------------------------------------

_N = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_UNIT = rf"{_N} ?(?:单元|门栋|门)"
_FLOOR = rf"(?:负?{_N}) ?(?:楼|层)"
_THING = r"(?!电梯|线|楼|栋|井|泵|机|箱|变|岗|出口|院|桩|位|路|门|池|库|梯)"
_ROOM = (
    rf"(?:\d{{3,4}}[A-Za-z]?(?: ?(?:号房|室|房(?![屋产源价间])|号{_THING})|(?<=0[1-9])户(?!居民|家庭|人|住户|业主|群众)"
    rf"|(?<=[12]\d)户(?!居民|家庭|人|住户|业主|群众)|(?![\d室房号户])(?!-\d){_MEASURE})"
    rf"|{_N} ?(?:号房|室|户(?=[室门主])|号{_THING}))"
)
_GAP = r"[ ,，·\-]{0,2}"
_BUILDING = (
    rf"(?:(?:{_N}|[A-Za-z]\d{{0,2}}) ?(?:#楼|#|号楼|栋|幢|座|号院|楼(?={_GAP}{_UNIT}))"
    rf"|\d{{1,4}}号(?={_GAP}(?:{_UNIT}|\d{{3,4}} ?[室房])))"
)
_DOOR = re.compile(
    rf"(?<![\dA-Za-z])(?P<building>{_BUILDING}){_GAP}(?:{_UNIT}{_GAP})?(?:{_FLOOR}{_GAP})?{_ROOM}"
    rf"|(?<![\d\-.:/])(?P<first>\d{{1,3}})[#栋幢]?-(?P<second>\d{{1,2}})-(?:\d{{1,2}}-)?(?P<last>\d{{3,4}})"
    rf"(?![\d:/]|-\d){_MEASURE}(?: ?(?:号房|[室号户房]))?"
    rf"|(?P<estate>[区苑园楼房村庭府城院里弄寓邸湾阁轩居家住址座栋期]"
    rf" ?)(?P<block>\d{{1,3}})[#\-](?P<flat>\d{{1,2}}(?:0[1-9]|1\d|2[0-4]))"
    rf"(?![\d:/.\-]){_MEASURE}(?: ?(?:号房|[室号户房]))?"
    rf"|(?<![\d\-.])(?P<pair>\d{{1,3}})-\d{{3,4}} ?(?:室|号房)"
    rf"|(?<![\d一二三四五六七八九十])(?:{_UNIT}{_GAP})(?:{_FLOOR}{_GAP})?{_ROOM}"
    rf"|(?<![\d\-.])\d{{1,2}}楼{_GAP}\d{{3,4}} ?(?:室|号房?)"
    r"|(?<![\d\-.])\d{3,4}[A-Za-z]? ?(?P<room>室|号房|房号|房(?![屋产源价间]))"
    r"|(?<![\d\-.约近共有达])\d{1,2}0[1-9](?= ?的?(?:业主|住户|租户|租客|房东))"
)

# --- running text --------------------------------------------------------------------------------


def mask_within(value: str, names: Iterable[str] = ()) -> str:
    """Running text without persons: phones, ID and bank card numbers, plates and doors masked, and `names` (those of
    the item's parties) wherever they occur. Whatever is not masked stays as it was typed, full-width signs too.
    Masking what is masked changes nothing."""
    if not value:
        return value
    text = _without_names(value, names) if names else value
    if not _MAYBE.search(text):
        return text
    shadow = text.translate(_FOLD)
    spans: list[tuple[int, int, str]] = []
    for pattern, replacement in _RULES:
        for result in pattern.finditer(shadow):
            start, end = result.span()
            if any(start < e and s < end for s, e, _replacement in spans):
                continue
            masked = replacement(result, shadow, text)
            if masked is not None:
                bracket = result.group().rfind("(") + 1
                if masked and bracket and ")" not in result.group():
                    start += bracket  # opened before the number, closed after it: no part of it
                spans.append((start, end, masked or text[start:end]))
    if not spans:
        return text
    pieces, at = [], 0
    for start, end, message in sorted(spans):
        pieces += [text[at:start], message]
        at = end
    return "".join(pieces) + text[at:]


def holds_phone(value: str) -> bool:
    """Whether running text names a mobile number, in whatever spelling."""
    shadow = value.translate(_FOLD)
    return any(_mobile(result, shadow, value) is not None for result in _MOBILE.finditer(shadow))


def _without_names(value: str, names: Iterable[str]) -> str:
    text = value
    for raw in sorted({n.strip() for n in names if n}, key=len, reverse=True):
        if len(raw) < 2 or _NO_NAME.fullmatch(raw):
            continue
        if raw.isascii():
            whole = rf"(?<![A-Za-z]){re.escape(raw)}(?![A-Za-z])"
            text = re.sub(whole, lambda match: mask_name(match.group()), text, flags=re.IGNORECASE)
            continue
        text = text.replace(raw, mask_name(raw))
        plain = "".join(raw.split())
        if len(plain) > 1 and plain[0] in text and plain[-1] in text:  # 张 三, 张　三
            text = re.sub(r"[ \u3000]?".join(map(re.escape, plain)), mask_name(plain), text)
    return text


# Each takes what was found in the folded text, the folded text and the text as typed; None: nothing is masked here.


def _stays(match: re.Match[str], shadow: str, text: str) -> str | None:
    """Taken as it is (empty: no change); a phone as a part of an address on the web is masked none the less."""
    typed = text[slice(*match.span())]
    if not match.group().startswith("http"):
        return ""
    for phone in _IN_URL.finditer(match.group()):  # the masked number is as long as the number
        typed = typed[: phone.start()] + mask_phone(phone.group()) + typed[phone.end() :]
    return typed


def _mobile(match: re.Match[str], shadow: str, text: str) -> str | None:
    number = match["number"]
    separators = re.findall(r"\D+", number.lstrip("("))
    groups = [len(g) for g in re.findall(r"\d+", number)]
    if "." in number and len(separators) < 2:
        return None  # a decimal
    if len(set(separators)) > 1 and groups != [3, 4, 4] and "(" not in number:
        return None
    listed = any(c in s for s in separators for c in ",，、")  # three counts one after the other are no phone
    if listed and (groups != [3, 4, 4] or not _SPEAKS_OF_PHONE.search(shadow, 0, match.start())):
        return None
    if separators and _DATE_AFTER.fullmatch(number):
        return None
    return mask_phone(number)


def _id18(match: re.Match[str], shadow: str, text: str) -> str | None:
    digits = re.sub(r"[ -]", "", match.group())
    if not _birthday(digits[6:14]):
        return None
    return digits[:3] + "*" * 11 + digits[-4:]


def _id15(match: re.Match[str], shadow: str, text: str) -> str | None:
    digits = re.sub(r"[ -]", "", match.group())
    if not _birthday("19" + digits[6:12]):
        return None
    if digits[6] < "3" and not _SPEAKS_OF_ID.search(shadow, 0, match.start()):
        return None  # a grid's code: twelve digits of the community, three of the grid
    return digits[:3] + "*" * 8 + digits[-4:]


def _card(match: re.Match[str], shadow: str, text: str) -> str | None:
    digits = re.sub(r"[ -]", "", match.group())
    return digits[:4] + "*" * (len(digits) - 8) + digits[-4:] if luhn(digits) else None


def _landline(match: re.Match[str], shadow: str, text: str) -> str | None:
    number = re.split(r"转|ext|(?<=\d{4})-(?=\d{1,3}$)", match.group())[0]
    digits = re.sub(r"^\D*(?:00|\+)86\D*0?|\D", "", number)
    digits = digits if digits.startswith("0") else "0" + digits
    return digits[: 3 if digits[1] in "12" else 4] + "****" + digits[-2:]


def _local(match: re.Match[str], shadow: str, text: str) -> str | None:
    message = match.group()
    digits = re.sub(r"\D", "", re.split(r"转|(?<=\d{4})-(?=\d{1,3}$)", message)[0])
    if not _SPEAKS_OF_PHONE.search(shadow, 0, match.start()):
        halves = [digits[:-4], digits[-4:]]
        if (
            len(digits) < 8
            or _birthday(digits[:8])
            or all("1900" <= h < "2100" for h in halves)
            or any(h.endswith("00") for h in halves)
            or not _MEASURED.match(shadow, match.end())
            or _SPEAKS_OF_CODE.search(shadow, 0, match.start())
        ):
            return None
    return "****" + digits[-2:]


def _plate(match: re.Match[str], shadow: str, text: str) -> str | None:
    rest = match["rest"].upper()
    return f"{match['place']}{match['letter'].upper()}·***{rest[-2:]}" if sum(c.isdigit() for c in rest) > 1 else None


def _door(match: re.Match[str], shadow: str, text: str) -> str | None:
    def typed(*groups: str) -> str:
        return "".join(text[slice(*match.span(group))] for group in groups)

    if match["building"]:
        return typed("building").rstrip() + "***"
    if match["first"]:
        one, two, last = int(match["first"]), int(match["second"]), int(match["last"])
        may_be_date = 2000 <= last < 2040 and {one <= 31, two <= 12} == {True}
        before = shadow[match.start() - 1 : match.start()]
        return None if may_be_date and not "\u4e00" <= before <= "\u9fff" else f"{typed('first')}-***"
    if match["estate"]:
        return f"{typed('estate', 'block')}-***"
    if match["pair"]:
        return f"{typed('pair')}-***"
    return "***" + (match["room"] or "")


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str, str], str | None]], ...] = (
    (_STAYS, _stays),
    (_ID18, _id18),
    (_CARD, _card),
    (_MOBILE, _mobile),
    (_ID15, _id15),
    (_LANDLINE, _landline),
    (_HAN_PHONE, lambda match, shadow, text: "***********"),
    (_PLATE, _plate),
    (_DOOR, _door),
    (_LOCAL, _local),
)
