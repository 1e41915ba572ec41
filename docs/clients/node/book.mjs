// Books over a stream with the `redis` package: a command out, its answer and its event back.
//
//   make run                                       # in another terminal
//   cd docs/clients/node && npm install && npm start
//
// Told by the environment, all optional: DATA_DIR, PUBLISHER, TENANT_ID, RESOURCE_ID, STARTS_AT.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "redis";

const {
  DATA_DIR = join(import.meta.dirname ?? ".", "../../../.data"),
  PUBLISHER = "demo",
  TENANT_ID = "0d0e0a00-0000-4000-8000-000000000001", // the demonstration tenant
  RESOURCE_ID = "0d0e0a00-0000-4000-8000-000000000012", // and a resource of it
  STARTS_AT,
} = process.env;
const ANSWERS = `replies.ingress.${PUBLISHER}`;
const EVENTS = "reservation.events";
const WITHIN_MS = 10_000;

const endpoints = JSON.parse(await readFile(join(DATA_DIR, "endpoints.json"), "utf8"));
const access = endpoints.publishers[PUBLISHER];
// The publisher's own user: it may append to its ingress stream, and read its answers and the
// events; nothing else.
const redis = createClient({ url: access.redis });
redis.on("error", (failure) => console.error(failure.message));
await redis.connect();

/** The id of the newest entry, "0-0" of an empty stream. */
async function newest(stream) {
  const [entry] = await redis.xRevRange(stream, "+", "-", { COUNT: 1 });
  return entry?.id ?? "0-0";
}

/** The first message behind `after` that is wanted. */
async function first(stream, after, wanted) {
  const deadline = Date.now() + WITHIN_MS;
  while (Date.now() < deadline) {
    const found = await redis.xRead({ key: stream, id: after }, { COUNT: 1000, BLOCK: 500 });
    for (const { id, message } of found?.[0]?.messages ?? []) {
      after = id;
      if (wanted(message)) return message;
    }
  }
  throw new Error(`nothing came on ${stream} within ${WITHIN_MS / 1000} s`);
}

/** The next working day at 15:00Z, which is 12:00 in São Paulo. */
function nextWorkingDay() {
  const day = new Date(Date.now() + 86_400_000);
  while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() + 1);
  day.setUTCHours(15, 0, 0, 0);
  return day;
}

try {
  // Where the streams end now, so that nothing is missed and nothing old is met.
  const answersEnd = await newest(ANSWERS);
  const eventsEnd = await newest(EVENTS);
  let startsAt = STARTS_AT ? new Date(STARTS_AT) : nextWorkingDay();
  let reply;
  for (;;) {
    // The entry's id is this system's to keep: published again, the same entry takes no second
    // effect and gets the same answer.
    const id = randomUUID();
    const body = {
      resource_id: RESOURCE_ID,
      starts_at: startsAt.toISOString(),
      ends_at: new Date(startsAt.getTime() + 30 * 60_000).toISOString(),
    };
    await redis.xAdd(access.stream, "*", {
      specversion: "1.0",
      id,
      type: "booking.create",
      tenantid: TENANT_ID,
      data: JSON.stringify(body),
    });
    console.log(`published booking.create ${id} for ${body.starts_at}`);
    const answer = await first(ANSWERS, answersEnd, ({ subject }) => subject === id);
    reply = JSON.parse(answer.data);
    if (reply.status === 201) break;
    console.log(`answered ${reply.status} ${reply.problem.code}`);
    // A conflict tells where the next free place of this length is.
    const following = reply.problem.next_available;
    if (!following) throw new Error(JSON.stringify(reply.problem));
    startsAt = new Date(following.starts_at);
  }
  console.log(`answered 201: booking ${reply.body.id} is ${reply.body.status}`);

  const event = await first(EVENTS, eventsEnd, ({ subject }) => subject === `booking/${reply.body.id}`);
  console.log(`event on ${EVENTS}: ${event.type}, sequence ${event.sequence}, ${event.data}`);
} catch (failure) {
  console.error(failure.message);
  process.exitCode = 1;
} finally {
  redis.destroy();
}
