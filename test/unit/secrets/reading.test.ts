import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createSecretReader } from "../../../lib/secrets/reading.ts";
import { listenOnLoopback } from "../../support/loopback.ts";

const CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "the-session-token",
};
const REGION = "eu-central-1";

type Received = Pick<IncomingMessage, "method" | "url" | "headers"> & { readonly body: string };
type Respond = (response: ServerResponse, count: number) => unknown;

/** Reads from a server that responds as the test says; `requests` are those that it received. */
async function open(respond: Respond, signal = AbortSignal.timeout(30_000)) {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    respond(response, requests.length);
  });
  const { url, port, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return { read: () => readAt(url, signal), requests, port };
}

function readAt(url: string, signal = AbortSignal.timeout(30_000)) {
  const credentials = async () => CREDENTIALS;
  const read = createSecretReader({ endpoint: new URL(url), region: REGION, credentials });
  return read("a/secret", "AWSCURRENT", signal);
}

const responding =
  (status: number, body: unknown): Respond =>
  (response) =>
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));

const hmac = (key: string | Buffer, data: string) =>
  createHmac("sha256", key).update(data).digest();

/**
 * The signature of a request, written out:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function signatureOf({ method, url, headers, body }: Received, signedHeaders: string): string {
  const [date = ""] = /\d{8}/.exec(headers["x-amz-date"] as string) ?? [];
  const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");
  const lines = signedHeaders.split(";").map((name) => `${name}:${headers[name]}`);
  const canonical = [method, url, "", ...lines, "", signedHeaders, sha256(body)].join("\n");
  const scope = `${date}/${REGION}/secretsmanager/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${CREDENTIALS.secretAccessKey}`);
  return hmac(key, toSign).toString("hex");
}

test("the request is GetSecretValue, signed for Secrets Manager in the region", async () => {
  const { read, requests } = await open(responding(200, { SecretString: "s" }));
  await read();
  const [request] = requests as [Received];
  expect(request).toMatchObject({
    method: "POST",
    url: "/",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.GetSecretValue",
      "x-amz-security-token": CREDENTIALS.sessionToken,
      connection: "close",
    },
  });
  expect(JSON.parse(request.body)).toEqual({ SecretId: "a/secret", VersionStage: "AWSCURRENT" });
  const { authorization = "" } = request.headers;
  const [, signed = ""] = /SignedHeaders=([^,]+)/.exec(authorization) ?? [];
  expect(signed.split(";")).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-target"]));
  expect(authorization).toContain(`/${REGION}/secretsmanager/aws4_request`);
  expect(authorization.endsWith(`Signature=${signatureOf(request, signed)}`)).toBe(true);
});

test.each([
  ["a string", { VersionId: "v1", SecretString: "é🐾" }, "v1", "é🐾"],
  ["binary", { VersionId: "v1", SecretBinary: "AAH/" }, "v1", Buffer.from([0, 1, 255])],
  ["absent", {}, "", ""],
])("a value may be %s", async (_name, output, versionId, value) => {
  expect(await (await open(responding(200, output))).read()).toEqual({ versionId, value });
});

test("a value may arrive in pieces that end within a character", async () => {
  const { read } = await open((response) => {
    const body = Buffer.from(JSON.stringify({ SecretString: "🐾" }));
    const half = body.indexOf(Buffer.from("🐾")) + 2;
    const rest = () => setImmediate(() => response.end(body.subarray(half)));
    response.write(body.subarray(0, half), rest);
  });
  expect(await read()).toMatchObject({ value: "🐾" });
});

test.each([
  ["ResourceNotFoundException", "m", { __type: "ResourceNotFoundException", Message: "m" }],
  ["DecryptionFailure", "m", { __type: "com.amazonaws#DecryptionFailure", message: "m" }],
  ["DecryptionFailure", "m", { __type: "a#b#DecryptionFailure", message: "m", Message: "n" }],
  ["AccessDeniedException", "AccessDeniedException", { __type: "AccessDeniedException" }],
  ["Unknown", "Unknown", {}],
])("the service's exception %s with the message %s: 400 with %j", async (name, message, body) => {
  const { read } = await open(responding(400, body));
  const details = { $fault: "client", $metadata: { httpStatusCode: 400 } };
  await expect(read()).rejects.toMatchObject({ name, message, ...details });
});

describe("how often a read is tried, and whose fault it is", () => {
  test.each([
    [400, "AccessDeniedException", 1, "client"],
    [400, "ThrottlingException", 2, "client"],
    [429, "OtherException", 2, "client"],
    [430, "OtherException", 1, "client"],
    [499, "OtherException", 1, "client"],
    [500, "InternalServiceError", 2, "server"],
    [500, "OtherException", 2, "server"],
    [503, "OtherException", 2, "server"],
  ])("%i %s: %i, the %s's", async (status, __type, times, $fault) => {
    const { read, requests } = await open(responding(status, { __type }));
    await expect(read()).rejects.toMatchObject({ name: __type, $fault });
    expect(requests).toHaveLength(times);
  });

  test("again, within a tenth of a second, when the connection is cut: the second response counts", async () => {
    const waits = vi.spyOn(globalThis, "setTimeout");
    vi.spyOn(Math, "random").mockReturnValue(0.99);
    onTestFinished(() => void vi.restoreAllMocks());
    const { read, requests } = await open((response, count) =>
      count === 1 ? response.destroy() : responding(200, { SecretString: "s" })(response, count),
    );
    expect(await read()).toMatchObject({ value: "s" });
    expect(requests).toHaveLength(2);
    expect(waits.mock.calls.map(([, milliseconds]) => milliseconds)).toContain(99);
  });

  test("once when its signal aborts, which it rejects with", async () => {
    const controller = new AbortController();
    const abort = () => controller.abort(new Error("too late"));
    const { read, requests } = await open(abort, controller.signal);
    await expect(read()).rejects.toThrow("too late");
    expect(requests).toHaveLength(1);
  });
});

test("a failure of the network is Node's error, and an https endpoint is never spoken to in clear", async () => {
  const { read } = await open((response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("{", () => response.destroy());
  });
  await expect(read()).rejects.toMatchObject({ code: "ECONNRESET" });
  await expect(readAt("http://127.0.0.1:1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const { requests, port } = await open(responding(200, {}));
  const code = expect.stringMatching(/^(EPROTO|ECONNRESET|ERR_SSL_.*)$/);
  await expect(readAt(`https://127.0.0.1:${port}`)).rejects.toMatchObject({ code });
  expect(requests).toEqual([]);
});

test("a response that is not JSON is not quoted", async () => {
  const { read } = await open(responding(200, '{"SecretString":"half a sec'));
  await expect(read()).rejects.toThrow(/^the response is not JSON$/);
});
