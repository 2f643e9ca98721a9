# One image for web, worker and timetable. Built from the same lock as everywhere else.
FROM python:3.11-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 WINNOW_VAR=/var/lib/winnow WINNOW_STATIC_ROOT=/srv/static
WORKDIR /srv/winnow

COPY requirements/base.txt requirements/signon.txt requirements/
RUN pip install --disable-pip-version-check --require-hashes -r requirements/signon.txt

COPY . .
RUN useradd --system --uid 10001 --home-dir /var/lib/winnow winnow \
 && python manage.py compile_catalogues \
 && python manage.py collectstatic --noinput --verbosity 0 --ignore 'redoc*' \
 && rm -rf /var/lib/winnow && install -d -o winnow -g winnow /var/lib/winnow

USER winnow
VOLUME /var/lib/winnow
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "-k", "gthread", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
