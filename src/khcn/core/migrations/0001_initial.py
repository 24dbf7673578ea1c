import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_label', models.CharField(blank=True, max_length=200)),
                ('on_behalf_of_id', models.BigIntegerField(null=True)),
                ('on_behalf_of_label', models.CharField(blank=True, max_length=200)),
                ('action', models.CharField(max_length=100)),
                ('target_kind', models.CharField(blank=True, max_length=100)),
                ('target_id', models.CharField(blank=True, max_length=100)),
                ('target_label', models.CharField(blank=True, max_length=300)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('count', models.PositiveBigIntegerField(null=True)),
                ('digest', models.CharField(max_length=64)),
                ('seq', models.BigIntegerField(null=True, unique=True)),
                ('prev_hash', models.CharField(blank=True, max_length=64)),
                ('hash', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'verbose_name': 'dòng nhật ký kiểm toán',
                'verbose_name_plural': 'nhật ký kiểm toán',
                'indexes': [models.Index(fields=['target_kind', 'target_id', 'id'], name='core_audit_target'), models.Index(fields=['actor_id', 'id'], name='core_audit_actor'), models.Index(fields=['action', 'id'], name='core_audit_action'), models.Index(fields=['at'], name='core_audit_at'), models.Index(condition=models.Q(('seq__isnull', True)), fields=['id'], name='core_audit_unsealed')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=100)),
                ('title', models.CharField(max_length=300)),
                ('state', models.CharField(choices=[('queued', 'Đang chờ'), ('running', 'Đang chạy'), ('done', 'Đã xong'), ('failed', 'Lỗi'), ('interrupted', 'Bị gián đoạn'), ('cancelled', 'Đã hủy')], default='running', max_length=12)),
                ('actor_label', models.CharField(blank=True, max_length=200)),
                ('arguments', models.JSONField(blank=True, default=dict)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(blank=True, null=True)),
                ('message', models.TextField(blank=True)),
                ('error', models.TextField(blank=True)),
                ('worker', models.CharField(blank=True, max_length=150)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('retried_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retry_of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='retries', to='core.job')),
            ],
            options={
                'verbose_name': 'việc chạy nền',
                'verbose_name_plural': 'việc chạy nền',
                'indexes': [models.Index(fields=['state', 'heartbeat_at'], name='core_job_state'), models.Index(fields=['actor', '-id'], name='core_job_actor'), models.Index(fields=['kind', '-id'], name='core_job_kind')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('state__in', ['queued', 'running'])), models.Q(models.Q(('state__in', ['queued', 'running']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='core_job_finished')],
            },
        ),
    ]
