import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { createSend } from "../../smoke/client.ts";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";

let server: Listening;
afterEach(() => server.close());

/** A client of a server that responds so. */
async function clientOf(respond: RequestListener, limitMilliseconds?: number) {
  server = await listenOnLoopback(createServer(respond));
  return createSend(new URL(server.url), () => {}, limitMilliseconds);
}

test.each<[string, RequestListener]>([
  ["at all", () => {}],
  ["to the end", (_, response) => void response.write("{")],
])("a server that does not respond %s in time gives no response", async (_, respond) => {
  const send = await clientOf(respond, 100);
  await expect(send("GET /")).rejects.toThrow("there was no whole response in time (ABORT_ERR)");
});

test("a body without an end gives no response", async () => {
  const send = await clientOf((_, response) => void response.end(Buffer.alloc(5 * 1024 * 1024)));
  await expect(send("GET /")).rejects.toThrow("its body is over 4 MB");
});

test("a target goes out as it stands, and a redirect is not followed", async () => {
  const targets: (string | undefined)[] = [];
  const send = await clientOf((request, response) => {
    targets.push(request.url);
    response.writeHead(307, { location: "/elsewhere" }).end();
  });
  expect((await send("POST //a/../b%2Fc//?x=%zz")).status).toBe(307);
  expect(targets).toEqual(["//a/../b%2Fc//?x=%zz"]);
});

test("a name under localhost is this machine", async () => {
  server = await listenOnLoopback(
    createServer((request, response) => void response.end(request.headers.host)),
  );
  const url = new URL(server.url.replace("127.0.0.1", "api.execute-api.localhost"));
  expect(String((await createSend(url, () => {})("GET /")).body)).toBe(url.host);
});
