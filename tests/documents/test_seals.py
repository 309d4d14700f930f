"""Seals and verification (4.2.2), against an independent validator."""

from __future__ import annotations

import io
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_pem_x509_certificate
from django.test import Client
from PIL import Image, ImageDraw

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, Problem
from linbao.documents import services, verification
from linbao.documents.inputs import ChangeSeal, MakeSeal
from linbao.documents.models import Document, Seal, SealUse
from linbao.documents.seals import authority
from linbao.documents.seals import services as seals
from linbao.documents.verification import Answer
from linbao.organisation.models import Role
from linbao.platform import files
from tests.loop import Town, build


@pytest.fixture
def town(db: Any) -> Town:
    return build()


@pytest.fixture
def seal(town: Town) -> Seal:
    return seals.make(
        None,
        MakeSeal(kind="work_group", name="桂花园社区第一工作小组", unit=town.community.pk, custodian=town.reporter.pk),
    )


CONTENT: dict[str, Any] = {
    "title": "关于3号楼地下车库火情的紧急信息报告",
    "unit": "桂花园社区",
    "issuer": "桂花园社区信息报告",
    "number": "桂花园社急〔2026〕1号",
    "to": "桂花园社区管理部门",
    "sections": [{"heading": "一、时间地点", "blocks": [{"kind": "text", "text": "3号楼地下车库。" * 40}]}],
    "attachments": [],
    "signature": "桂花园社区第一工作小组",
    "date": "2026年11月24日",
}


def issue(town: Town, seal: Seal | None, version: int = 1) -> Document:
    return services.issue(
        "urgent_report",
        CONTENT | {"number": f"桂花园社急〔2026〕{version}号"},
        unit_id=town.community.pk,
        subject=town.community,
        version=version,
        by=town.reporter,
        seal_id=seal.pk if seal else None,
    )


@pytest.mark.clause("4.2.2")
def test_a_sealed_document_is_confirmed_by_an_independent_validator(town: Town, seal: Seal, tmp_path: Path) -> None:
    made = issue(town, seal)
    pdf = files.get(made.pdf)
    (tmp_path / "sealed.pdf").write_bytes(pdf)
    details = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "sealed.pdf")], capture_output=True, text=True).stdout
    assert "Signature is Valid" in details
    assert "ETSI.CAdES.detached" in details
    assert "Total document signed" in details
    broken = bytearray(pdf)
    broken[len(pdf) // 3] ^= 1
    (tmp_path / "broken.pdf").write_bytes(bytes(broken))
    details = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "broken.pdf")], capture_output=True, text=True).stdout
    assert "Signature is Valid" not in details
    assert list(SealUse.objects.filter(seal=seal).order_by("at").values_list("action", flat=True)) == ["make", "affix"]


@pytest.mark.clause("4.2.2")
def test_each_way_to_cheat_gets_its_answer(town: Town, seal: Seal) -> None:
    made = issue(town, seal)
    pdf = files.get(made.pdf)
    assert verification.by_file(pdf).answer == Answer.GENUINE
    assert verification.by_code(made.code.lower()).answer == Answer.GENUINE
    for at in (200, len(pdf) // 2, len(pdf) // 3):
        changed = bytearray(pdf)
        changed[at] ^= 1
        assert verification.by_file(bytes(changed)).answer in (Answer.ALTERED, Answer.UNKNOWN)
    assert verification.by_file(pdf + b"\n% more").answer == Answer.ALTERED
    # The seal's picture copied onto another document: no signature, not ours.
    other = io.BytesIO()
    Image.open(io.BytesIO(seals.picture(seal))).convert("RGB").save(other, "PDF")
    assert verification.by_file(other.getvalue()).answer == Answer.UNKNOWN
    assert verification.by_file(b"%PDF-1.7 /ByteRange nonsense").answer == Answer.UNKNOWN
    assert verification.by_code("不存在").answer == Answer.UNKNOWN


@pytest.mark.clause("4.2.2")
def test_a_newer_version_a_revoked_seal_and_an_expired_certificate_are_told(town: Town, seal: Seal) -> None:
    first = issue(town, seal)
    issue(town, None, version=2)
    assert verification.by_code(first.code).answer == Answer.SUPERSEDED
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        seals.change(town.manager, seal.pk, "revoke", ChangeSeal(reason="小组撤并"))
        after = verification.by_code(first.code)
    assert after.answer == Answer.SUPERSEDED
    assert any("作废" in n for n in after.notes)
    with pytest.raises(Conflict):
        issue(town, seal, version=3)
    with time_machine.travel(clock.now() + timedelta(days=4 * 365), tick=False):
        later = verification.by_code(first.code)
    assert any("到期" in n for n in later.notes)
    # Marked as sealed after the revocation: does not stand.
    Document.objects.filter(pk=first.pk).update(sealed_at=clock.now() + timedelta(hours=2))
    assert verification.by_code(first.code).answer == Answer.SEAL_INVALID


@pytest.mark.clause("4.2.2")
def test_only_its_custodian_affixes_a_seal_that_is_in_force(town: Town, seal: Seal) -> None:
    with pytest.raises(NotAllowed):
        seals.to_affix(town.manager, seal.pk)
    seals.change(town.reporter, seal.pk, "suspend", ChangeSeal(reason="外出"))
    with pytest.raises(Conflict):
        seals.to_affix(town.reporter, seal.pk)
    with pytest.raises(NotAllowed):
        seals.change(town.reporter, seal.pk, "resume", ChangeSeal(reason="回来"))
    seals.change(town.manager, seal.pk, "resume", ChangeSeal(reason="回来"))
    assert seals.to_affix(town.reporter, seal.pk) == seal
    with pytest.raises(Invalid):
        seals.change(town.manager, seal.pk, "revoke", checked(ChangeSeal, {"reason": " "}))
    with time_machine.travel(clock.now() + timedelta(days=4 * 365), tick=False), pytest.raises(Conflict):
        seals.to_affix(town.reporter, seal.pk)


def test_a_seal_whose_key_was_altered_or_moved_says_so(town: Town, seal: Seal) -> None:
    from django.db import connection

    other = seals.make(
        None, MakeSeal(kind="unit", name="桂花园社区", unit=town.community.pk, custodian=town.reporter.pk)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_seal SET key = (SELECT key FROM documents_seal WHERE id = %s) WHERE id = %s",
            [other.pk, seal.pk],
        )
    with pytest.raises(Conflict, match="密钥"):
        issue(town, seal)


def test_a_certificate_may_be_brought_and_its_passphrase_must_fit(town: Town) -> None:
    issued = authority.issue("外部单位", "外部")
    key = serialization.load_pem_private_key(issued.key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    p12 = pkcs12.serialize_key_and_certificates(
        b"x",
        key,
        load_pem_x509_certificate(issued.certificate.encode()),
        None,
        serialization.BestAvailableEncryption(b"right"),
    )

    def make(passphrase: str, data: bytes = p12) -> Seal:
        return seals.make(
            None,
            MakeSeal(
                kind="unit", name="外来章", unit=town.community.pk, custodian=town.reporter.pk, passphrase=passphrase
            ),
            pkcs12=data,
        )

    for message, data in (("wrong", p12), ("right", b"nonsense"), ("", b"")):
        if data:
            with pytest.raises(Invalid):
                make(message, data)
    made = issue(town, make("right"))
    assert verification.by_code(made.code).answer == Answer.GENUINE


def test_an_uploaded_picture_keeps_its_red_ink_only(town: Town) -> None:
    paper = Image.new("RGB", (800, 600), (244, 240, 230))
    pen = ImageDraw.Draw(paper)
    pen.ellipse((250, 150, 550, 450), outline=(200, 30, 40), width=12)
    pen.text((10, 10), "black words", fill=(10, 10, 10))
    data = io.BytesIO()
    paper.save(data, "JPEG")
    with Image.open(io.BytesIO(seals.cleaned(data.getvalue()))) as clean:
        assert clean.mode == "RGBA"
        corner = clean.getpixel((0, 0))
        assert isinstance(corner, tuple) and corner[3] == 0
        assert 290 <= clean.width <= 320
    made = seals.make(
        None,
        MakeSeal(kind="unit", name="扫描章", unit=town.community.pk, custodian=town.reporter.pk),
        image=data.getvalue(),
    )
    assert verification.by_code(issue(town, made).code).answer == Answer.GENUINE
    blank = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(blank, "PNG")
    for bad in (b"", b"GIF89a", blank.getvalue()):
        with pytest.raises(Problem):
            seals.cleaned(bad)


def test_who_may_make_a_seal(town: Town) -> None:
    def make(actor: Any, **more: Any) -> Seal:
        data: dict[str, Any] = {
            "kind": "unit",
            "name": "社区",
            "unit": town.community.pk,
            "custodian": town.reporter.pk,
        }
        return seals.make(actor, checked(MakeSeal, data | more))

    assert Role.MANAGER
    with pytest.raises(NotAllowed):
        make(town.reporter)
    for errors in ({"kind": "x"}, {"name": ""}, {"unit": UUID(int=1)}, {"custodian": UUID(int=1)}):
        with pytest.raises(Invalid):
            make(town.manager, **errors)
    assert make(town.manager).custodian == town.reporter
    with pytest.raises(Invalid):
        make(town.manager)  # stands already
    with pytest.raises(Invalid):
        make(town.manager, kind="person", person=town.manager.pk)  # kept by somebody else


def test_a_long_name_and_a_short_one_are_drawn(client: Client) -> None:
    for kind, name in (
        ("work_group", "东"),
        ("unit", "某某市某某区某某街道桂花园社区居民委员会"),
        ("person", "张三"),
        ("person", "欧阳小明"),
        ("person", "𠮷䶮"),
    ):
        with Image.open(io.BytesIO(seals.draw(kind, name))) as image:
            assert image.width == image.height
            assert image.getbbox() is not None
