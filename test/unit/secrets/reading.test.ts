import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSecretReader } from "../../../lib/secrets/reading.ts";
import { listenOnLoopback } from "../../support/loopback.ts";

const CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "the-session-token",
};
const REGION = "eu-central-1";

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A reader at a server that responds as the test says; `requests` are those that it received. */
async function openReader(respond: (response: ServerResponse, count: number) => void) {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    respond(response, requests.length);
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return { read: readerAt(url), requests };
}

function readerAt(url: string, signal = AbortSignal.timeout(30_000)) {
  const read = createSecretReader({
    endpoint: new URL(url),
    region: REGION,
    credentials: async () => CREDENTIALS,
  });
  return (secretId = "a/secret") => read(secretId, "AWSCURRENT", signal);
}

const responding =
  (status: number, body: unknown) =>
  (response: ServerResponse): void => {
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  };

const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) =>
  createHmac("sha256", key).update(data).digest();

/**
 * The signature of a request, written out:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function signatureOf({ method, url, headers, body }: Received): string {
  const [, date = "", signedHeaders = ""] =
    /Credential=AKIDEXAMPLE\/(\d{8})\/.*SignedHeaders=([^,]+)/.exec(headers.authorization ?? "") ??
    [];
  const canonical = [
    method,
    url,
    "",
    ...signedHeaders.split(";").map((name) => `${name}:${headers[name]}`),
    "",
    signedHeaders,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${REGION}/secretsmanager/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date, REGION, "secretsmanager", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${CREDENTIALS.secretAccessKey}`,
  );
  return hmac(key, toSign).toString("hex");
}

test("the request is GetSecretValue, signed for Secrets Manager in the region", async () => {
  const { read, requests } = await openReader(responding(200, { SecretString: "s" }));
  await read();
  const [request] = requests;
  if (request === undefined) throw new Error("no request was sent");
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
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";");
  expect(signed).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-target"]));
  expect(authorization).toContain(`/${REGION}/secretsmanager/aws4_request`);
  expect(authorization.endsWith(`Signature=${signatureOf(request)}`)).toBe(true);
});

describe("a value", () => {
  test.each([
    ["a string", { VersionId: "v1", SecretString: "é🐾" }, { versionId: "v1", value: "é🐾" }],
    [
      "binary",
      { VersionId: "v1", SecretBinary: "AAH/" },
      { versionId: "v1", value: Buffer.from([0, 1, 255]) },
    ],
    ["absent", {}, { versionId: "", value: "" }],
  ])("may be %s", async (_name, output, expected) => {
    const { read } = await openReader(responding(200, output));
    expect(await read()).toEqual(expected);
  });

  test("may arrive in pieces that end within a character", async () => {
    const { read } = await openReader((response) => {
      const body = Buffer.from(JSON.stringify({ SecretString: "🐾" }));
      const half = body.indexOf(Buffer.from("🐾")) + 2;
      response.write(body.subarray(0, half), () =>
        setImmediate(() => response.end(body.subarray(half))),
      );
    });
    expect(await read()).toMatchObject({ value: "🐾" });
  });
});

describe("an exception of the service", () => {
  const IN_NAMESPACE = "com.amazonaws.secretsmanager#ResourceNotFoundException";

  test.each([
    [400, { __type: "ResourceNotFoundException", Message: "m" }, "ResourceNotFoundException", "m"],
    [400, { __type: IN_NAMESPACE, message: "m" }, "ResourceNotFoundException", "m"],
    [
      400,
      { __type: "a#b#DecryptionFailure", message: "m", Message: "n" },
      "DecryptionFailure",
      "m",
    ],
    [400, { __type: "AccessDeniedException", Message: "m" }, "AccessDeniedException", "m"],
    [400, { __type: "AccessDeniedException" }, "AccessDeniedException", "AccessDeniedException"],
    [400, {}, "Unknown", "Unknown"],
  ])("%i with %j", async (status, body, name, message) => {
    const { read, requests } = await openReader(responding(status, body));
    await expect(read()).rejects.toMatchObject({
      name,
      message,
      $fault: "client",
      $metadata: { httpStatusCode: status },
    });
    expect(requests).toHaveLength(1);
  });

  test.each([
    [499, "client"],
    [500, "server"],
    [503, "server"],
  ])(
    "of a name that GetSecretValue does not document, with %i, is the %s's fault",
    async (status, $fault) => {
      const { read } = await openReader(responding(status, { __type: "OtherException" }));
      await expect(read()).rejects.toMatchObject({ name: "OtherException", $fault });
    },
  );
});

describe("how often a read is tried", () => {
  test.each([
    [400, "AccessDeniedException", 1],
    [400, "ResourceNotFoundException", 1],
    [400, "ThrottlingException", 2],
    [403, "AccessDeniedException", 1],
    [429, "OtherException", 2],
    [430, "OtherException", 1],
    [499, "OtherException", 1],
    [500, "InternalServiceError", 2],
    [503, "OtherException", 2],
  ])("%i %s: %i", async (status, __type, times) => {
    const { read, requests } = await openReader(responding(status, { __type }));
    await expect(read()).rejects.toMatchObject({ name: __type });
    expect(requests).toHaveLength(times);
  });

  test("again when the connection is cut: the second response counts", async () => {
    const { read, requests } = await openReader((response, count) =>
      count === 1 ? response.destroy() : responding(200, { SecretString: "s" })(response),
    );
    expect(await read()).toMatchObject({ value: "s" });
    expect(requests).toHaveLength(2);
  });

  test("once when its signal aborts, which it rejects with", async () => {
    const controller = new AbortController();
    const server = createServer(() => controller.abort(new Error("too late")));
    const { url, close } = await listenOnLoopback(server);
    onTestFinished(close);
    let connections = 0;
    server.on("connection", () => {
      connections += 1;
    });
    await expect(readerAt(url, controller.signal)()).rejects.toThrow("too late");
    expect(connections).toBe(1);
  });
});

describe("a failure of the network", () => {
  test("in the middle of a response", async () => {
    const { read } = await openReader((response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("{", () => response.destroy());
    });
    await expect(read()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("where nothing listens", async () => {
    await expect(readerAt("http://127.0.0.1:1")()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("an https endpoint is spoken to over TLS, never in clear", async () => {
    let requests = 0;
    const server = createServer(() => {
      requests += 1;
    });
    const { port, close } = await listenOnLoopback(server);
    onTestFinished(close);
    await expect(readerAt(`https://127.0.0.1:${port}`)()).rejects.toMatchObject({
      code: expect.stringMatching(/^(EPROTO|ECONNRESET|ERR_SSL_.*)$/),
    });
    expect(requests).toBe(0);
  });
});

test("a response that is not JSON is not quoted", async () => {
  const { read, requests } = await openReader(responding(200, '{"SecretString":"half a sec'));
  await expect(read()).rejects.toThrow(/^the response is not JSON$/);
  expect(requests).toHaveLength(2);
});
