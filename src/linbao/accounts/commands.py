"""`linbao user …`: the first administrator of an installation, and tokens for programs (design §6)."""

from __future__ import annotations

import argparse
import sys

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.accounts import services
from linbao.accounts.inputs import CreatePerson, GrantRole, MakeToken
from linbao.core.inputs import checked
from linbao.core.problems import Invalid, NotFound, Problem
from linbao.organisation.models import Role, User
from linbao.organisation.tree import tree


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two verbs and their options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    create = verbs.add_parser("create", help="新建人员；未给口令时打印一次性口令")
    create.add_argument("username", metavar="NAME", help="用户名")
    create.add_argument("--name", default="", help="姓名；不填则同用户名")
    create.add_argument("--email", default="")
    create.add_argument("--phone", default="")
    create.add_argument("--role", default="", help="角色代码，如 reporter、manager")
    create.add_argument(
        "--unit", default="", metavar="CODE", help="单位代码，与 --role 一起使用；安全保密员、审计员不写则为最上级单位"
    )
    create.add_argument("--admin", action="store_true", help="授予根单位的系统管理员角色；没有单位时先建一个")
    create.add_argument("--password-stdin", action="store_true", help="从标准输入读取口令")
    token = verbs.add_parser("token", help="签发接口令牌，只打印令牌")
    token.add_argument("username", metavar="NAME")
    token.add_argument("--scopes", default="*", help="逗号分隔，如 items:read,archive；默认全部")
    token.add_argument("--label", default="命令行签发", help="令牌名称")
    token.add_argument("--days", type=int, default=365, help="有效天数")


def run(args: argparse.Namespace) -> int:
    """Do it; 0, or 1 with what is wrong on standard error."""
    try:
        return _create(args) if args.verb == "create" else _token(args)
    except Problem as e:
        for name, result in e.fields.items():
            print(f"{name}: {' '.join(result)}", file=sys.stderr)
        if not e.fields:
            print(e.message, file=sys.stderr)
        return 1


def _create(args: argparse.Namespace) -> int:
    roots = tree().roots()
    # The officers of the whole house begin at its head; anybody else's unit has to be named.
    if args.role in (Role.SECURITY_OFFICER, Role.AUDITOR) and not args.unit and len(roots) == 1:
        args.unit = roots[0].code
    if bool(args.role) != bool(args.unit):
        raise Invalid(fields={"role": [_("--role 与 --unit 须一起给出。")]})
    unit = tree().by_code.get(args.unit)
    if args.unit and unit is None:
        raise Invalid(fields={"unit": [_("没有代码为“%(code)s”的单位。") % {"code": args.unit}]})
    password = sys.stdin.readline().rstrip("\r\n") if args.password_stdin else ""
    if args.password_stdin and not password:
        raise Invalid(fields={"password": [_("标准输入中没有口令。")]})
    person_data = {
        "username": args.username,
        "name": args.name or args.username,
        "email": args.email,
        "phone": args.phone,
    }
    with transaction.atomic():
        person, once = services.create_person(None, checked(CreatePerson, person_data), password=password)
        if args.admin:
            services.first_administrator(person)
        if unit is not None:
            services.grant(None, person.pk, checked(GrantRole, {"role": args.role, "unit": unit.pk}))
    if once.secret:
        print(once.secret)
    return 0


def _token(args: argparse.Namespace) -> int:
    person = User.objects.filter(username=args.username, is_active=True).first()
    if person is None:
        raise NotFound(_("没有这个启用中的人员：%(name)s") % {"name": args.username})
    scopes = [s.strip() for s in args.scopes.split(",") if s.strip()]
    data = checked(MakeToken, {"name": args.label, "scopes": scopes, "days": args.days})
    print(services.make_token(person, data)[1])
    return 0
