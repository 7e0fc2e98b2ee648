/** HTTP to the server: who I am, and commands that may be repeated without happening twice. */

/** How long a command goes on trying the same request_id before it says that the connection is gone. */
const PATIENCE_MS = 12000;
const TIMEOUT_MS = 8000;

let csrf = "";

/** A refusal: the server's code and sentences, or the page's own about the network. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.zh = problem.detail;
    this.en = problem.detail_en;
    this.field = problem.field ?? "";
  }
}

export const UNREACHABLE = {
  code: "unreachable",
  status: 0,
  detail: "连不上服务器，操作可能没有完成。恢复连接后请核对再操作。",
  detail_en: "The server cannot be reached; this may not have been done. Check once it is back.",
};

export const newRequestId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A read. */
export const get = (path) => send("GET", path);

/**
 * A write with one request_id of its own. A lost answer is asked for again under that id, so the server does the
 * thing once however often it hears of it.
 */
export async function command(path, body = {}, method = "POST") {
  const text = JSON.stringify({ ...body, request_id: newRequestId() });
  const end = Date.now() + PATIENCE_MS;
  for (let pause = 300; ; pause *= 2) {
    try {
      return await send(method, path, text);
    } catch (error) {
      if (!mayRepeat(error) || Date.now() + pause > end) throw error;
    }
    await new Promise((wake) => setTimeout(wake, pause));
  }
}

export async function signIn(username, password) {
  return remember(await send("POST", "/session", JSON.stringify({ username, password })));
}

export async function setUp(form) {
  return remember(await send("POST", "/setup", JSON.stringify(form)));
}

/** The signed-in person, or null. */
export async function whoAmI() {
  try {
    return remember(await get("/session"));
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

export async function signOut() {
  await send("DELETE", "/session");
  csrf = "";
}

function remember(person) {
  csrf = person.csrf;
  return person;
}

const mayRepeat = (error) => error.code === "unreachable" || error.status === 503;

async function send(method, path, text) {
  const headers = { Accept: "application/json" };
  if (text !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  let response, answer;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    response = await fetch(`/api/v1${path}`, { method, headers, body: text, signal, credentials: "same-origin" });
    answer = await response.json();
  } catch {
    throw new Refusal(UNREACHABLE); // no network, no answer in time, or a proxy's page in place of ours
  }
  if (!response.ok) throw new Refusal(answer);
  return answer;
}
