# One image for web, worker and timetable. Built from the same lock as everywhere else.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    WINNOW_VAR=/var/lib/winnow WINNOW_STATIC_ROOT=/srv/static WINNOW_LOG_FORMAT=json PORT=8000
WORKDIR /srv/winnow

# pg_dump and pg_restore for backups: of Debian's version, 15, as is the server in docker-compose.yml.
RUN apt-get update -q && apt-get install -y -q --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

COPY requirements/base.txt requirements/signon.txt requirements/
RUN pip install --disable-pip-version-check --require-hashes -r requirements/signon.txt

COPY . .
# Making the static files starts the settings, which make folders and keys: these do not go into the image.
RUN useradd --system --uid 10001 --home-dir /var/lib/winnow winnow \
 && python manage.py compile_catalogues \
 && python manage.py collectstatic --noinput --verbosity 0 --ignore 'redoc*' \
 && rm -rf /var/lib/winnow \
 && install -d -o winnow -g winnow -m 700 /var/lib/winnow /var/backups/winnow

USER winnow
VOLUME /var/lib/winnow /var/backups/winnow
EXPOSE 8000
# gunicorn listens on all addresses at $PORT.
CMD ["gunicorn", "config.wsgi:application", "--workers", "2", "-k", "gthread", "--threads", "4", "--preload", "--forwarded-allow-ips=", "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--logger-class", "config.logs.server.Logger"]
