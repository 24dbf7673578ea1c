"""Tables of the area "catalogue": Dewey numbers, subjects in an order, names of people and bodies, files of records."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import khcn.core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0007_harvest"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Authority',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', 'Người'), ('organisation', 'Cơ quan, tổ chức')], default='person', max_length=12, verbose_name='loại')),
                ('heading', models.CharField(max_length=300, verbose_name='tên')),
                ('qualifier', models.CharField(blank=True, max_length=120, verbose_name='để phân biệt')),
                ('key', models.CharField(editable=False, max_length=200)),
                ('distinct', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('sort_key', khcn.core.fields.SortKeyField(blank=True, default='', editable=False, max_length=250)),
                ('letter', models.CharField(editable=False, max_length=2)),
                ('dates', models.CharField(blank=True, max_length=60, verbose_name='năm sinh, năm mất')),
                ('orcid', models.CharField(blank=True, max_length=19, verbose_name='ORCID')),
                ('isni', models.CharField(blank=True, max_length=16, verbose_name='ISNI')),
                ('viaf', models.CharField(blank=True, max_length=22, verbose_name='VIAF')),
                ('note', models.TextField(blank=True, verbose_name='ghi chú')),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
            ],
            options={
                'verbose_name': 'tên tác giả',
                'verbose_name_plural': 'tên tác giả',
                'ordering': ['sort_key', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AuthorityName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300)),
                ('key', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='AuthorityTie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('creator', 'Tác giả'), ('contributor', 'Người đóng góp')], max_length=12)),
                ('position', models.PositiveSmallIntegerField()),
                ('name', models.CharField(max_length=300)),
                ('certain', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['work_id', 'role', 'position'],
            },
        ),
        migrations.CreateModel(
            name='CatalogueFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='tên tệp')),
                ('format', models.CharField(blank=True, max_length=12)),
                ('sha256', models.CharField(max_length=64)),
                ('size_bytes', models.PositiveBigIntegerField()),
                ('state', models.CharField(choices=[('reading', 'Đang đọc'), ('ready', 'Chờ xác nhận'), ('running', 'Đang nhập'), ('done', 'Đã nhập'), ('failed', 'Dừng vì lỗi'), ('dropped', 'Đã bỏ')], default='reading', max_length=10)),
                ('publish', models.BooleanField(default=False)),
                ('doubles', models.BooleanField(default=False)),
                ('job_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('faults', models.JSONField(blank=True, default=list)),
                ('sample', models.JSONField(blank=True, default=list)),
                ('message', models.CharField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'tệp biên mục',
                'verbose_name_plural': 'tệp biên mục',
                'ordering': ['-id'],
            },
        ),
        migrations.AddField(
            model_name='subject',
            name='ddc',
            field=models.CharField(blank=True, db_default='', default='', max_length=21, verbose_name='số phân loại DDC'),
        ),
        migrations.AddField(
            model_name='subject',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='narrower', to='library.subject', verbose_name='chủ đề rộng hơn'),
        ),
        migrations.AddField(
            model_name='subject',
            name='related',
            field=models.ManyToManyField(blank=True, to='library.subject', verbose_name='xem thêm'),
        ),
        migrations.AddField(
            model_name='subject',
            name='variants',
            field=models.JSONField(blank=True, null=True, verbose_name='tên khác'),
        ),
        migrations.AddField(
            model_name='work',
            name='ddc',
            field=models.CharField(blank=True, db_default='', default='', max_length=21, verbose_name='số phân loại DDC'),
        ),
        migrations.AddIndex(
            model_name='work',
            index=models.Index(condition=models.Q(('ddc', ''), _negated=True), fields=['ddc'], name='library_work_ddc'),
        ),
        migrations.AddField(
            model_name='authority',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='library.authority'),
        ),
        migrations.AddField(
            model_name='authorityname',
            name='authority',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='library.authority'),
        ),
        migrations.AddField(
            model_name='authoritytie',
            name='authority',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ties', to='library.authority'),
        ),
        migrations.AddField(
            model_name='authoritytie',
            name='work',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='authority_ties', to='library.work'),
        ),
        migrations.AddField(
            model_name='cataloguefile',
            name='actor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='cataloguefile',
            name='collection',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='library.collection'),
        ),
        migrations.AddField(
            model_name='cataloguefile',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.unit'),
        ),
        migrations.AddIndex(
            model_name='authority',
            index=models.Index(fields=['letter', 'sort_key'], name='library_auth_letter'),
        ),
        migrations.AddIndex(
            model_name='authority',
            index=models.Index(fields=['sort_key'], name='library_auth_sort'),
        ),
        migrations.AddConstraint(
            model_name='authority',
            constraint=models.UniqueConstraint(fields=('kind', 'key', 'distinct'), name='library_auth_name'),
        ),
        migrations.AddConstraint(
            model_name='authority',
            constraint=models.UniqueConstraint(condition=models.Q(('orcid', ''), _negated=True), fields=('orcid',), name='library_auth_orcid'),
        ),
        migrations.AddConstraint(
            model_name='authority',
            constraint=models.CheckConstraint(condition=models.Q(('heading', ''), _negated=True), name='library_auth_has_heading'),
        ),
        migrations.AddConstraint(
            model_name='authority',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['person', 'organisation'])), name='library_auth_kind'),
        ),
        migrations.AddIndex(
            model_name='authorityname',
            index=models.Index(fields=['key'], name='library_auth_spelling'),
        ),
        migrations.AddConstraint(
            model_name='authorityname',
            constraint=models.UniqueConstraint(fields=('authority', 'key'), name='library_auth_spelling_once'),
        ),
        migrations.AddConstraint(
            model_name='authoritytie',
            constraint=models.UniqueConstraint(fields=('work', 'role', 'position'), name='library_tie_place'),
        ),
        migrations.AddConstraint(
            model_name='cataloguefile',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['reading', 'ready', 'running', 'done', 'failed', 'dropped'])), name='library_catalogue_state'),
        ),
    ]
