# tool: django
# tried: a new project, migrations into sqlite, a login and the admin page by the test client
# version: env/bin/pip list --format=freeze | grep -i -e ^django= | cut -d= -f3
"$PROTOPY" -m venv env
env/bin/python -m pip install --quiet django
env/bin/django-admin startproject site1 .
env/bin/python manage.py migrate > out 2>&1 || { cat out; exit 1; }
cat > try.py <<'PY'
import os
os.environ['DJANGO_SETTINGS_MODULE'] = 'site1.settings'
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
User.objects.create_superuser('a', 'a@b.c', 'p')
client = Client()
assert client.login(username='a', password='p')
page = client.get('/admin/', headers={'host': 'localhost'})
assert page.status_code == 200 and b'Site administration' in page.content
PY
env/bin/python try.py
