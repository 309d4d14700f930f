"""Alerts of unusual looking join the security officer's one list; ids stay, so that notices still lead there."""

from django.db import migrations

MOVE = """
INSERT INTO security_alert (id, kind, severity, unit_id, words, "values", data, key, times, about_id, opened_at, last_at,
                            state, handled_by_id, handled_at, outcome, justified)
SELECT id, 'looking.' || kind, 'medium', unit_id,
       CASE kind WHEN 'hour' THEN '异常查看：有人一小时内查看居民信息过多，请核查。'
                 WHEN 'day' THEN '异常查看：有人一天内查看居民信息过多，请核查。'
                 WHEN 'unusual' THEN '异常查看：有人查看居民信息明显多于平时，请核查。'
                 WHEN 'night' THEN '异常查看：有人在深夜查看居民信息，请核查。'
                 WHEN 'foreign' THEN '异常查看：有人查看职责以外网格的居民，请核查。'
                 WHEN 'own' THEN '异常查看：有人查找本人或同姓的居民，请核查。'
                 ELSE '异常查看：有人查找或查看申报过的亲属，请核查。' END,
       '{}', jsonb_build_object('day', day::text)
             || CASE WHEN "limit" > 1 THEN jsonb_build_object('limit', "limit") ELSE '{}'::jsonb END,
       'looking:' || person_id || ':' || kind || ':' || day, count, person_id, raised_at, last_at,
       CASE state WHEN 'looking' THEN 'taken' ELSE state END, COALESCE(closed_by_id, taken_by_id),
       COALESCE(closed_at, taken_at), words, justified
  FROM confidentiality_alert;
UPDATE outbox_notice SET subject_type = 'security.alert' WHERE subject_type = 'confidentiality.alert';
UPDATE outbox_delivery SET subject_type = 'security.alert' WHERE subject_type = 'confidentiality.alert';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("confidentiality", "0001_initial"),
        ("security", "0002_alerts_of_one_list"),
        ("outbox", "0005_notices_by_mail"),
    ]

    operations = [
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.DeleteModel(name="Alert"),
    ]
