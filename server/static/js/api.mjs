/** HTTP to the server: who I am, and commands that may be repeated without happening twice. */

/** How long a command goes on trying the same request_id before it says that the connection is gone. */
const PATIENCE_MS = 12000;
const TIMEOUT_MS = 8000;
const UPLOAD_MS = 120_000;
const KEPT_MS = 60_000; // a browser may ask its owner where to save a file before it reads it

let csrf = "";
let authorization = "";

/** From now on the caller is the tablet whose token is in the cookie, and not who signed in in this browser. */
export const speakAsTablet = () => void (authorization = "Tablet");

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

/** A read, which may take so many ms. */
export const get = (path, withinMs = TIMEOUT_MS) => send("GET", path, undefined, withinMs);

/** Fetch a file and save it under the server's name for it. Raises what the server refuses, which a link would not say. */
export async function download(path, withinMs) {
  const response = await ask(path, { headers: { Accept: "application/json, */*" } }, withinMs);
  if (!response.ok) throw new Refusal(await read(response.json()));
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await read(response.blob()));
  link.download = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}

/**
 * A write with one request_id, its own unless `body` has one. A lost answer is asked for again under that id, so the
 * server does the thing once however often it hears of it.
 */
export async function command(path, body = {}, method = "POST", patience = PATIENCE_MS) {
  const text = JSON.stringify({ request_id: newRequestId(), ...body });
  const end = Date.now() + patience;
  for (let pause = 300; ; pause = Math.min(pause * 2, 5000)) {
    try {
      return await send(method, path, text);
    } catch (error) {
      if (!mayRepeat(error) || Date.now() + pause > end) throw error;
    }
    await new Promise((wake) => setTimeout(wake, pause));
  }
}

/** A write about one's own account, which is never repeated by itself: it may hold a password, and count as a guess. */
export const post = (path, body = {}) => send("POST", path, JSON.stringify(body), PATIENCE_MS);

/** Send a file as it is. Not repeated by itself: a person who chose it sees what became of it, and may send it again. */
export const upload = (path, file, method = "POST", withinMs = UPLOAD_MS) =>
  send(method, path, file, withinMs, file.type || "application/octet-stream");

/** A picture that asks who looks at it, as an address for an `img`; also where the caller is a tablet. */
export async function picture(path) {
  const response = await ask(path, { headers: whoAsks("GET") }, TIMEOUT_MS);
  if (!response.ok) throw new Refusal(await read(response.json()));
  const blob = await read(response.blob());
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });
}

/** `code`: of the telephone; asked for by the refusal code_required. */
export async function signIn(username, password, code = "") {
  return remember(await send("POST", "/session", JSON.stringify({ username, password, code })));
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

/** @returns {Record<string, string>} */
function whoAsks(method) {
  if (authorization) return { Authorization: authorization };
  return method === "GET" ? {} : { "X-CSRF-Token": csrf };
}

async function send(method, path, body = undefined, withinMs = TIMEOUT_MS, type = "application/json") {
  const headers = { Accept: "application/json", ...whoAsks(method) };
  if (body !== undefined) headers["Content-Type"] = type;
  const response = await ask(path, { method, headers, body }, withinMs);
  const answer = await read(response.json());
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

const ask = (path, init, withinMs) =>
  read(fetch(`/api/v1${path}`, { ...init, signal: AbortSignal.timeout(withinMs), credentials: "same-origin" }));

/** What comes over the network. Raises UNREACHABLE: no network, no answer in time, or a proxy's page in place of ours. */
async function read(answer) {
  try {
    return await answer;
  } catch {
    throw new Refusal(UNREACHABLE);
  }
}
