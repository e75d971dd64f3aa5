import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { CreateSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { authorization, put, serverWithOneSecret, startServer } from "./support.ts";

const HEADERS = {
  host: "127.0.0.1",
  authorization: authorization(),
  "content-type": "application/x-amz-json-1.1",
  "x-amz-target": "secretsmanager.GetSecretValue",
};

/** Sends bytes to the server; everything that comes back until the connection ends. */
function raw(url: string, bytes: string | Uint8Array, address = "127.0.0.1"): Promise<string> {
  const socket = connect(Number(new URL(url).port), address, () => socket.end(bytes));
  return text(socket).catch(() => "");
}

function request(headers: object = {}, body = '{"SecretId":"one"}', line = "POST /"): string {
  const all = { ...HEADERS, "content-length": Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line} HTTP/1.1\r\n${lines.join("")}connection: close\r\n\r\n${body}`;
}

test.each(["127.0.0.1:1", "localhost", "[::1]:65535", "LOCALHOST"])(
  "a request for %s gets the value, with AWS's content type",
  async (host) => {
    const response = await raw((await serverWithOneSecret()).url, request({ host }));
    expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(response).toContain("content-type: application/x-amz-json-1.1\r\n");
    expect(response).toContain('"SecretString":"v1"');
  },
);

const NOT_JSON = [400, "SerializationException"] as const;
const UNKNOWN = [400, "UnknownOperationException"] as const;
const UNSIGNED = [400, "UnrecognizedClientException"] as const;
const FOREIGN = [403, "AccessDeniedException"] as const;

test.each([
  ["secret that is not there", request({}, '{"SecretId":"two"}'), 400, "ResourceNotFoundException"],
  ["body that is no JSON", request({}, "{"), ...NOT_JSON],
  ["body that is empty", request({}, ""), ...NOT_JSON],
  ["body that is no object", request({}, "[]"), ...NOT_JSON],
  ["body that is null", request({}, "null"), ...NOT_JSON],
  ["body over 1 MB", request({}, '{"SecretId":"one"}'.padEnd(1024 * 1024 + 1)), ...NOT_JSON],
  ["number for a string", request({}, '{"SecretId":7}'), ...NOT_JSON],
  ["object for a string", request({}, '{"SecretId":{}}'), ...NOT_JSON],
  ["target that is empty", request({ "x-amz-target": "" }), ...UNKNOWN],
  ["target of no service", request({ "x-amz-target": "GetSecretValue" }), ...UNKNOWN],
  ["other operation", request({ "x-amz-target": "secretsmanager.__proto__" }), ...UNKNOWN],
  ["other method", request({}, undefined, "PUT /"), ...UNKNOWN],
  ["other path", request({}, undefined, "POST /x"), ...UNKNOWN],
  ["other content type", request({ "content-type": "text/plain" }), ...UNKNOWN],
  ["signature that is missing", request({ authorization: "" }), ...UNSIGNED],
  ["signature of another kind", request({ authorization: "Bearer test" }), ...UNSIGNED],
  ["access key id that is another", request({ authorization: authorization("tesT") }), ...UNSIGNED],
  ["access key id's start", request({ authorization: authorization("tes") }), ...UNSIGNED],
  ["access key id and more", request({ authorization: authorization("test1") }), ...UNSIGNED],
  ["Host of another machine", request({ host: "evil.example:80" }), ...FOREIGN],
  ["Host with a good start", request({ host: "localhost.evil.example" }), ...FOREIGN],
  ["Host in the network", request({ host: "10.0.0.1" }), ...FOREIGN],
  ["Host that is empty", request({ host: "" }), ...FOREIGN],
  ["web page's origin", request({ origin: "http://evil.example" }), ...FOREIGN],
  ["own origin", request({ origin: "http://127.0.0.1" }), ...FOREIGN],
  ["null origin", request({ origin: "null" }), ...FOREIGN],
])("a request with a(n) %s gets no value, but AWS's error", async (_, bytes, status, type) => {
  const response = await raw((await serverWithOneSecret()).url, bytes);
  expect(response).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*"__type":"${type}"`, "s"));
  expect(response).toMatch(/"Message":"[^"]+"/);
  expect(response).not.toContain("v1");
});

test("it listens on 127.0.0.1 and on no other address of the machine", async () => {
  const { url } = await serverWithOneSecret();
  const all = Object.values(networkInterfaces()).flatMap((each = []) => each);
  const others = all.map(({ address }) => address).filter((address) => address !== "127.0.0.1");
  for (const address of ["::1", ...others]) expect(await raw(url, request(), address)).toBe("");
  expect(await raw(url, request())).toContain("v1");
});

test("junk of any kind gets a response or a closed connection, and the server goes on", async () => {
  const { url } = await serverWithOneSecret();
  const anyOperation = fc.constantFrom("GetSecretValue", "PutSecretValue", "RotateSecret");
  const anyBody = fc.oneof(fc.string({ maxLength: 300 }), fc.json());
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(anyOperation, anyBody)
      .map(([name, body]) => request({ "x-amz-target": `secretsmanager.${name}` }, body)),
  );
  await fc.assert(
    fc.asyncProperty(anyBytes, async (bytes) => {
      expect(await raw(url, bytes)).not.toContain("HTTP/1.1 500");
    }),
    { numRuns: 200 },
  );
  expect(await raw(url, request())).toContain("v1");
});

test("close lets a request that has arrived have its response, and cuts off one that has not", async () => {
  let closing: Promise<void> | undefined;
  const { url, client, close } = await startServer({
    onRequest: (operation) => {
      if (operation === "CreateSecret") closing = close();
    },
  });
  const stalled = connect(Number(new URL(url).port), "127.0.0.1").on("error", () => undefined);
  stalled.write(request({ "content-length": "100" }, "{"));
  const cutOff = once(stalled, "close");
  const created = await client.send(new CreateSecretCommand({ Name: "one", SecretString: "v1" }));
  expect(created.Name).toBe("one");
  await closing;
  await cutOff;
  await expect(fetch(url)).rejects.toThrow();
});

test("onChange sees each new state before it counts; when it throws, nothing has changed", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  let isFull = false;
  const { client } = await serverWithOneSecret({
    onChange: () => {
      if (isFull) throw new Error("the disk is full");
    },
  });
  isFull = true;
  await expect(put(client, "v2")).rejects.toMatchObject({ name: "InternalServiceError" });
  const read = await client.send(new GetSecretValueCommand({ SecretId: "one" }));
  expect(read.SecretString).toBe("v1");
});
