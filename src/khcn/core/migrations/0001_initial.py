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
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(unique=True)),
                ('working', models.BooleanField(default=False)),
                ('name', models.CharField(max_length=150)),
                ('kind', models.CharField(choices=[('proposed', 'Theo lịch đề xuất'), ('edited', 'Người dùng nhập')], default='edited', max_length=10)),
            ],
            options={
                'verbose_name': 'ngày của lịch làm việc',
                'verbose_name_plural': 'các ngày của lịch làm việc',
                'ordering': ('date',),
            },
        ),
        migrations.CreateModel(
            name='CalendarYear',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('proposed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'năm của lịch làm việc',
                'verbose_name_plural': 'các năm của lịch làm việc',
            },
        ),
        migrations.CreateModel(
            name='PeriodicRun',
            fields=[
                ('name', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('next_at', models.DateTimeField()),
                ('busy_until', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'việc định kỳ',
                'verbose_name_plural': 'việc định kỳ',
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(max_length=16, unique=True)),
                ('digest', models.CharField(max_length=64)),
                ('scopes', models.JSONField(default=list)),
                ('unit_id', models.BigIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'khóa truy cập',
                'verbose_name_plural': 'khóa truy cập',
            },
        ),
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
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('mail', 'Thư điện tử'), ('desk', 'Bàn làm việc'), ('sms', 'Tin nhắn SMS'), ('zalo', 'Zalo')], max_length=8)),
                ('recipient', models.CharField(blank=True, max_length=254)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField()),
                ('link', models.CharField(blank=True, max_length=300)),
                ('state', models.CharField(choices=[('waiting', 'Chờ gửi'), ('sending', 'Đang gửi'), ('sent', 'Đã gửi'), ('failed', 'Không gửi được'), ('cancelled', 'Đã hủy')], default='waiting', max_length=10)),
                ('dedupe_key', models.CharField(blank=True, max_length=200, null=True, unique=True)),
                ('not_before', models.DateTimeField()),
                ('office_hours', models.BooleanField(default=False)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('created_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'tin nhắn',
                'verbose_name_plural': 'tin nhắn',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['not_before', 'id'], name='core_message_due'), models.Index(condition=models.Q(('state', 'sending')), fields=['claimed_at'], name='core_message_claimed'), models.Index(fields=['user', 'channel', '-id'], name='core_message_desk')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('channel', 'desk'), ('user__isnull', False)), models.Q(models.Q(('channel', 'desk'), _negated=True), models.Q(('recipient', ''), _negated=True)), _connector='OR'), name='core_message_addressed')],
            },
        ),
    ]
