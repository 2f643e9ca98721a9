#!/bin/sh
# Everything a change must pass that is not a test: style, types, layers, migrations, settings.
# All steps are run, and those that failed are named at the end.
set -u
bin=.venv/bin
export WINNOW_VAR="${WINNOW_VAR:-$(mktemp -d)}"
passed=0
failed=""

step() {
  name=$1
  shift
  echo "== $name"
  if "$@"; then passed=$((passed + 1)); else failed="$failed, $name"; fi
}

step "ruff" $bin/ruff check .
step "ruff format" $bin/ruff format --check .
step "djade" $bin/djade --check --target-version 5.2 $(find templates -name '*.html' -o -name '*.txt')
step "mypy" $bin/mypy
step "import contracts" $bin/lint-imports --no-cache
step "locked packages" $bin/python tests/audit.py
step "migrations" $bin/python manage.py makemigrations --check --dry-run
step "deployment settings" env WINNOW_BASE_URL=https://ideas.city.example WINNOW_HOSTS=ideas.city.example \
  WINNOW_SECRET_KEY=a-long-key-that-only-this-check-ever-uses-0123456789-abcdefgh WINNOW_LINK_KEY=another-key \
  DATABASE_URL=postgresql://winnow@127.0.0.1/winnow WINNOW_DEBUG=off \
  $bin/python manage.py check --deploy --fail-level WARNING

count=$(echo "$failed" | tr -cd ',' | wc -c)
if [ -n "${WINNOW_TEST_RESULTS:-}" ]; then
  echo "<testsuite tests=\"$((passed + count))\" failures=\"$count\"/>" >"$WINNOW_TEST_RESULTS/checks.xml"
fi
[ -z "$failed" ] || { echo "Failed: ${failed#, }"; exit 1; }
