#!/bin/sh
# Books with redis-cli (or valkey-cli) and nothing else of ours: publish a command, wait for its
# answer, read the event. python3 is used to pick fields out of JSON and to count time.
#
#   make run                              # in another terminal
#   sh docs/clients/redis-cli/book.sh     # from the folder of the checkout
#
# Told by the environment, all optional: DATA_DIR, PUBLISHER, TENANT_ID, RESOURCE_ID, STARTS_AT.
set -eu

DATA_DIR=${DATA_DIR:-.data}
PUBLISHER=${PUBLISHER:-demo}
TENANT_ID=${TENANT_ID:-0d0e0a00-0000-4000-8000-000000000001}     # the demonstration tenant
RESOURCE_ID=${RESOURCE_ID:-0d0e0a00-0000-4000-8000-000000000011} # and a resource of it
ANSWERS=replies.ingress.$PUBLISHER
EVENTS=reservation.events

CLI=$(command -v redis-cli || command -v valkey-cli) || {
  echo "redis-cli or valkey-cli is needed on PATH" >&2
  exit 1
}

# Where the publisher's stream is, and the publisher's own Redis user. That user may append to its
# own ingress stream, read its answers and read the events; nothing else.
access=$(python3 - "$DATA_DIR/endpoints.json" "$PUBLISHER" <<'PYTHON'
import json, sys
from urllib.parse import unquote, urlsplit
found = json.load(open(sys.argv[1]))["publishers"][sys.argv[2]]
url = urlsplit(found["redis"])
print(url.hostname, url.port or 6379, unquote(url.username or "default"), unquote(url.password or ""),
      found["stream"])
PYTHON
)
read -r HOST PORT REDIS_USER PASSWORD STREAM <<EOT
$access
EOT

# The password goes by the environment: on the command line every user of this host could read it.
redis() { REDISCLI_AUTH=$PASSWORD "$CLI" -h "$HOST" -p "$PORT" --user "$REDIS_USER" "$@"; }

# The id of the newest entry of a stream, "0-0" of an empty one. redis-cli prints an answer one value
# a line when it does not write to a terminal: first the entry's id.
newest() {
  found=$(redis XREVRANGE "$1" + - COUNT 1)
  if [ -n "$found" ]; then echo "$found" | head -n 1; else echo 0-0; fi
}

# wait_for STREAM AFTER FIELD VALUE: the `data` of the first entry behind AFTER in which FIELD is
# VALUE. An entry comes as its id, then name and value in turn.
wait_for() {
  tries=0
  while [ "$tries" -lt 20 ]; do
    data=$(redis XREAD COUNT 1000 BLOCK 500 STREAMS "$1" "$2" | awk -v name="$3" -v value="$4" '
      /^[0-9]+-[0-9]+$/ { show(); odd = 1; here = 0; data = ""; next }
      odd { field = $0; odd = 0; next }
      { if (field == name && $0 == value) here = 1; if (field == "data") data = $0; odd = 1 }
      function show() { if (here && !shown) { print data; shown = 1 } }
      END { show() }')
    if [ -n "$data" ]; then
      echo "$data"
      return
    fi
    tries=$((tries + 1))
  done
  echo "nothing came on $1 within 10 s" >&2
  exit 1
}

# json PATH: a field of the JSON on standard input, "" where there is none.
json() {
  python3 -c '
import json, sys
found = json.load(sys.stdin)
for step in sys.argv[1].split("."):
    found = found.get(step) if isinstance(found, dict) else None
print("" if found is None else found)' "$1"
}

half_an_hour_after() {
  python3 -c '
import sys
from datetime import datetime, timedelta
print((datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00")) + timedelta(minutes=30)).isoformat())' "$1"
}

# The next working day at 13:00Z, which is 10:00 in São Paulo.
next_working_day() {
  python3 -c '
from datetime import datetime, timedelta, timezone
day = datetime.now(timezone.utc) + timedelta(days=1)
while day.weekday() > 4:
    day += timedelta(days=1)
print(day.strftime("%Y-%m-%dT13:00:00Z"))'
}

# 1. Remember where the streams end, so that nothing is missed and nothing old is met.
answers_end=$(newest "$ANSWERS")
events_end=$(newest "$EVENTS")

# 2. Publish. The entry's id is a UUID that this system chooses and keeps: the same entry published
#    again (after a time-out, say) takes no second effect and gets the same answer.
STARTS_AT=${STARTS_AT:-$(next_working_day)}
while :; do
  id=$(python3 -c 'import uuid; print(uuid.uuid4())')
  body=$(printf '{"resource_id": "%s", "starts_at": "%s", "ends_at": "%s"}' \
    "$RESOURCE_ID" "$STARTS_AT" "$(half_an_hour_after "$STARTS_AT")")
  redis XADD "$STREAM" '*' specversion 1.0 id "$id" type booking.create \
    tenantid "$TENANT_ID" data "$body" >/dev/null
  echo "published booking.create $id for $STARTS_AT"

  # 3. The answer's subject is the id that was published.
  answer=$(wait_for "$ANSWERS" "$answers_end" subject "$id")
  status=$(echo "$answer" | json status)
  if [ "$status" -eq 201 ]; then break; fi
  echo "answered $status $(echo "$answer" | json problem.code)"
  # A conflict tells where the next free place of this length is.
  STARTS_AT=$(echo "$answer" | json problem.next_available.starts_at)
  if [ -z "$STARTS_AT" ]; then
    echo "$answer" >&2
    exit 1
  fi
done
booking=$(echo "$answer" | json body.id)
echo "answered 201: booking $booking is $(echo "$answer" | json body.status)"

# 4. Read the events, as any subscriber does that keeps its own place in the stream.
event=$(wait_for "$EVENTS" "$events_end" subject "booking/$booking")
echo "event on $EVENTS: version $(echo "$event" | json version), $event"
