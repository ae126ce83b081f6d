import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('items', '0002_erasure'),
        ('people', '0002_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Wish',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='people.person')),
                ('mail', models.CharField(choices=[('each', 'As it comes'), ('daily', 'Once a day'), ('never', 'Never')], default='each', max_length=8)),
                ('seen', models.BigIntegerField(default=0)),
                ('digest_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.CharField(max_length=40)),
                ('position', models.BigIntegerField()),
                ('channel', models.CharField(choices=[('page', 'Page'), ('mail', 'Mail')], max_length=8)),
                ('reason', models.CharField(choices=[('mentioned', 'Mentioned'), ('answered_me', 'Answered Me'), ('answered_thread', 'Answered Thread'), ('added', 'Added')], max_length=16)),
                ('at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                ('item', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='items.item')),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='people.network')),
                ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.group')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
            ],
            options={
                'indexes': [models.Index(fields=['recipient', 'channel', '-position'], name='notification_list'), models.Index(condition=models.Q(('channel', 'mail'), ('ended_at', None)), fields=['recipient'], name='notification_waiting')],
                'constraints': [models.UniqueConstraint(fields=('reader', 'position', 'recipient', 'channel'), name='notification_once')],
            },
        ),
    ]
