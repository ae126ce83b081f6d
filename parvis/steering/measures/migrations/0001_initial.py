import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0002_doors'),
    ]

    operations = [
        migrations.CreateModel(
            name='Count',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('verb', models.CharField(max_length=12)),
                ('place', models.BigIntegerField(default=0)),
                ('origin', models.CharField(max_length=10)),
                ('count', models.BigIntegerField(default=0)),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='people.network')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('network', 'day', 'verb', 'place', 'origin'), name='count_once')],
            },
        ),
    ]
