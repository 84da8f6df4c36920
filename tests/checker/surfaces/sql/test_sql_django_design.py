"""What Django promises by itself is not asked of the database."""

from __future__ import annotations

from archcheck.engine import examine

FIELDS = """
                ('id', models.AutoField(primary_key=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='shop.owner')),
                ('name', models.CharField(max_length=90)),
"""
MIGRATION = f"""from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(name='Owner', fields=[('id', models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            name='Item',
            fields=[{FIELDS}            ],
            options={{'unique_together': {{('owner', 'name')}}}},
        ),
    ]
"""


def test_deletion_and_its_own_indexes_are_its_affair():
    files = {"shop/__init__.py": "", "shop/migrations/__init__.py": "", "shop/migrations/0001_initial.py": MIGRATION}
    report = examine(files, rules=["db.foreign-keys", "db.indexes", "db.primary-keys"])
    spoken = {verdict.rule for verdict in report.verdicts}
    assert "narrow-primary-key" in spoken
    assert spoken.isdisjoint({"fk-without-on-delete", "redundant-index", "fk-without-index"})
