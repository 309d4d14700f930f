"""The people of the demo community: invented names, one password."""

PASSWORD = "linbao-demo"

# username, name, role, unit code (see places)
PEOPLE = [
    ("reporter1", "周秀兰", "reporter", "g1", "w1"),
    ("reporter2", "陈建国", "reporter", "g1", "w1"),
    ("reporter3", "欧阳慧", "reporter", "g2", "w1"),
    ("reporter4", "李䶮", "reporter", "g3", "w1"),
    ("reporter5", "王晓燕", "reporter", "g3", "w2"),
    ("reporter6", "赵德明", "reporter", "g4", "w2"),
    ("reporter7", "孙丽", "reporter", "g5", "w2"),
    ("reporter8", "钱国强", "reporter", "g5", "w2"),
    ("reporter9", "吴凤英", "reporter", "g6", "w3"),
    ("reporter10", "郑海波", "reporter", "g7", "w3"),
    ("reporter11", "冯雪梅", "reporter", "g8", "w3"),
    ("reporter12", "蒋志伟", "reporter", "g8", "w3"),
    ("reviewer1", "沈静", "reviewer", "c", ""),
    ("reviewer2", "韩文斌", "reviewer", "c", ""),
    ("handler1", "杨卫东", "handler", "d1", ""),
    ("handler2", "朱立新", "handler", "d2", ""),
    ("handler3", "秦大勇", "handler", "d3", ""),
    ("handler4", "许志刚", "handler", "d4", ""),
    ("manager1", "何敏", "manager", "c", ""),
    ("manager2", "方志远", "manager", "subdistrict", ""),
    ("trainer1", "吕思远", "trainer", "c", ""),
    ("security1", "施慧芳", "security_officer", "c", ""),
    ("auditor1", "张正", "auditor", "c", ""),
    ("admin", "孔令辉", "administrator", "city", ""),
]
LEADERS = {"reporter1": "w1", "reporter5": "w2", "reporter9": "w3"}
