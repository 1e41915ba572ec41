// Shows the state of the system, asked for anew while somebody looks.
"use strict";

const EVERY_MS = 3000;
const LATE_MS = 5000;
const place = document.getElementById("state");
const status = document.getElementById("status");
const at = document.getElementById("at");

function rows(name, lines) {
  const body = document.querySelector(`#${name} tbody`);
  body.replaceChildren(
    ...lines.map((cells) => {
      const row = document.createElement("tr");
      row.append(
        ...cells.map((text) => {
          const cell = document.createElement("td");
          cell.textContent = text;
          if (typeof text === "number") cell.className = "number";
          return cell;
        }),
      );
      return row;
    }),
  );
}

function say(kind, text) {
  // A reader of the screen is told what is new, and not the same again every few seconds.
  if (status.textContent !== text) status.textContent = text;
  status.className = `status ${kind}`;
}

// What a part says, in the language of the page.
function inWords(said) {
  const [, status] = /^answered (\d+)$/.exec(said) ?? [];
  if (status) return `${place.dataset.answered} ${status}`;
  const { ok, noAnswer, draining } = place.dataset;
  return { ok, "no answer": noAnswer, draining }[said] ?? said;
}

function show(state) {
  say(state.status, place.dataset[state.status]);
  at.dateTime = state.at;
  at.textContent = new Date(state.at).toLocaleTimeString(document.documentElement.lang);
  rows("parts", Object.entries(state.parts).map(([part, said]) => [part, inWords(said)]));
  rows("versions", Object.entries(state.versions));
  rows(
    "streams",
    state.streams.map((one) => [
      one.stream,
      one.group,
      one.lag === null ? place.dataset.unknown : one.lag,
      one.pending,
    ]),
  );
}

async function look() {
  if (!document.hidden) {
    try {
      const answer = await fetch("/state", { signal: AbortSignal.timeout(LATE_MS) });
      if (!answer.ok) throw new Error(`${answer.status}`);
      show(await answer.json());
    } catch {
      const last = at.dateTime ? at.textContent : place.dataset.never;
      say("unreachable", `${place.dataset.unreachable} ${last}`);
    }
  }
  setTimeout(look, EVERY_MS);
}

look();
