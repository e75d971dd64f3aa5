import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { CreateSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { authorization, put, startServer } from "./support.ts";

const HEADERS = {
  authorization: authorization(),
  "content-type": "application/x-amz-json-1.1",
  "x-amz-target": "secretsmanager.GetSecretValue",
};

/** Sends bytes to the server; everything that comes back until the connection ends. */
function raw(url: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = "";
    const address = hostname.replace(/^\[|\]$/g, "");
    const socket: Socket = connect(Number(port), address, () => socket.end(bytes));
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(received));
  });
}

function request(headers: Record<string, string>, body = "{}"): string {
  const all = { ...HEADERS, "content-length": String(Buffer.byteLength(body)), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST / HTTP/1.1\r\n${lines.join("")}connection: close\r\n\r\n${body}`;
}

const post = async (url: string, body: string, headers = {}) => {
  const response = await fetch(url, { method: "POST", headers: { ...HEADERS, ...headers }, body });
  return { status: response.status, ...((await response.json()) as { __type: string }) };
};

test("a response has AWS's content type, an error its type and message", async () => {
  const { url } = await startServer();
  const response = await fetch(url, {
    method: "POST",
    headers: HEADERS,
    body: '{"SecretId":"one"}',
  });
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/x-amz-json-1.1");
  expect(await response.json()).toMatchObject({
    __type: "ResourceNotFoundException",
    Message: "Secrets Manager can't find the specified secret.",
  });
});

test.each([
  ["no JSON", "{"],
  ["nothing", ""],
  ["no object", "[]"],
  ["null", "null"],
  ["a field of another type", '{"SecretId":7}'],
  ["an object for a string", '{"SecretId":{}}'],
])("%s as a body is a SerializationException", async (_, body) => {
  const { url } = await startServer();
  expect(await post(url, body)).toMatchObject({ status: 400, __type: "SerializationException" });
});

test.each(["", "GetSecretValue", "secretsmanager.DeleteEverything", "secretsmanager.__proto__"])(
  "the target %j is an UnknownOperationException",
  async (target) => {
    const { url } = await startServer();
    const response = await post(url, "{}", { "x-amz-target": target });
    expect(response).toMatchObject({ status: 400, __type: "UnknownOperationException" });
  },
);

test("so is another method, path or content type", async () => {
  const { url } = await startServer();
  const __type = "UnknownOperationException";
  for (const [path, change] of [
    ["/", { method: "PUT" }],
    ["/x", {}],
    ["/", { headers: { ...HEADERS, "content-type": "text/plain" } }],
  ] as const) {
    const request = { method: "POST", headers: HEADERS, body: "{}", ...change };
    expect(await (await fetch(url + path, request)).json()).toMatchObject({ __type });
  }
});

test("a request under a foreign name, or of a web page, is refused", async () => {
  const { url, client } = await startServer();
  await client.send(new CreateSecretCommand({ Name: "one", SecretString: "the-value" }));
  const body = '{"SecretId":"one"}';
  const { host, port } = new URL(url);
  for (const good of [host, `localhost:${port}`, `[::1]:${port}`, "LOCALHOST"]) {
    expect(await raw(url, request({ host: good }, body))).toContain("the-value");
  }
  const bad = ["evil.example", `evil.example:${port}`, "localhost.evil.example", "10.0.0.1", ""];
  for (const name of bad) {
    const response = await raw(url, request({ host: name }, body));
    expect(response).toMatch(/^HTTP\/1\.1 4/);
    expect(response).not.toContain("the-value");
  }
  for (const origin of ["http://evil.example", "null", `http://${host}`]) {
    const response = await raw(url, request({ host, origin }, body));
    expect(response).toMatch(/^HTTP\/1\.1 403 /);
    expect(response).not.toContain("the-value");
  }
});

test("it listens on 127.0.0.1 and on no other address of the machine", async () => {
  const seen: string[] = [];
  const { url } = await startServer({ onRequest: (operation) => seen.push(operation) });
  const { host, port } = new URL(url);
  const others = Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one && one.address !== "127.0.0.1" ? [one.address] : []));
  for (const address of ["::1", ...others]) {
    await raw(
      `http://${address.includes(":") ? `[${address}]` : address}:${port}`,
      request({ host }),
    );
  }
  expect(seen).toEqual([]);
  await raw(url, request({ host }));
  expect(seen).toEqual(["GetSecretValue"]);
});

test("junk of any kind gets a response or a closed connection, and the server goes on", async () => {
  const { url, client } = await startServer();
  const { host } = new URL(url);
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ maxLength: 300 }).map((text) => request({ host }, text)),
    fc.json().map((text) => request({ host }, text)),
    fc
      .record({ operation: fc.constantFrom("PutSecretValue", "RotateSecret"), body: fc.json() })
      .map(({ operation, body }) =>
        request({ host, "x-amz-target": `secretsmanager.${operation}` }, body),
      ),
  );
  await fc.assert(
    fc.asyncProperty(junk, async (bytes) => {
      expect(await raw(url, bytes)).not.toContain("HTTP/1.1 500");
    }),
    { numRuns: 200 },
  );
  await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
});

test("close lets a request that has arrived have its response, and cuts off one that has not", async () => {
  const server = await startServer({
    onRequest: (operation) => {
      if (operation === "CreateSecret") closing = server.close();
    },
  });
  let closing: Promise<void> | undefined;
  const { url, client } = server;
  const { hostname, port, host } = new URL(url);
  const stalled = connect(Number(port), hostname);
  stalled.write(request({ host, "content-length": "100" }, "{"));
  const cutOff = once(
    stalled.on("error", () => undefined),
    "close",
  );
  const created = await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
  expect(created.Name).toBe("one");
  await closing;
  await cutOff;
  await expect(fetch(url)).rejects.toThrow();
});

test("onChange sees each new state before it counts; when it throws, nothing has changed", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  let isFull = false;
  const { client } = await startServer({
    onChange: () => {
      if (isFull) throw new Error("the disk is full");
    },
  });
  await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
  isFull = true;
  await expect(put(client, "v2")).rejects.toMatchObject({ name: "InternalServiceError" });
  const read = await client.send(new GetSecretValueCommand({ SecretId: "one" }));
  expect(read.SecretString).toBe("v1");
});

test.each([
  ["not signed", undefined, "UnrecognizedClientException"],
  ["signed otherwise", "Bearer test", "UnrecognizedClientException"],
  ["with another access key id", authorization("tesT"), "UnrecognizedClientException"],
  ["with the start of it", authorization("tes"), "UnrecognizedClientException"],
  ["with more than it", authorization("test1"), "UnrecognizedClientException"],
])("a request %s gets no secret", async (_, value, __type) => {
  const { url, client } = await startServer();
  await client.send(new CreateSecretCommand({ Name: "one", SecretString: "the-value" }));
  const { authorization: _own, ...unsigned } = HEADERS;
  const response = await fetch(url, {
    method: "POST",
    headers: value === undefined ? unsigned : { ...unsigned, authorization: value },
    body: '{"SecretId":"one"}',
  });
  expect([response.status, await response.json()]).toEqual([
    400,
    expect.objectContaining({ __type }),
  ]);
});
