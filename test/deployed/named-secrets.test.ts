import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { PLACES, send } from "../support/http.ts";
import { HMAC_KEY, sessionToken } from "../support/tokens.ts";
import { deployed } from "./support/deployed.ts";
import { callJson, readSecret } from "./support/emulator.ts";
import { deployGateway } from "./support/stack.ts";

const { url, directory } = deployed;

async function createSecret(Name: string, value: object): Promise<string> {
  const input = { Name, SecretString: JSON.stringify(value), ClientRequestToken: randomUUID() };
  const created = await callJson(url, "secretsmanager", "secretsmanager.CreateSecret", input);
  return created.ARN ?? "";
}

test("secrets that the operator names are regenerated in place: other sessions end, the caller's goes on, and the form stays", async () => {
  const masterToken = randomUUID();
  const parameters = {
    masterTokenSecretArn: await createSecret("operator/master", { token: masterToken }),
    hmacKeySecretArn: await createSecret("operator/key", { key: HMAC_KEY }),
  };
  const { api } = await deployGateway({ url, directory, stage: "named", parameters });
  const ask = (line: string, token: string) => send(api, ...PLACES.header(line, token));
  const statusOf = async (line: string, token: string) => (await ask(line, token)).status;
  const [exchange, status] = ["POST /api/auth/session", "GET /api/auth/session"] as const;
  const session = sessionToken(masterToken, HMAC_KEY, Math.floor(Date.now() / 1000) + 3600);
  expect([await statusOf(exchange, masterToken), await statusOf(status, session)]).toEqual([
    200, 200,
  ]);

  const reply = await ask("POST /api/token/regenerate", session);
  expect(reply.status).toBe(200);
  const { token } = JSON.parse(reply.text);
  expect(token).toMatch(/^session:/);
  const stored = JSON.parse(await readSecret(url, parameters.masterTokenSecretArn));
  expect(stored).toEqual({ token: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(stored.token).not.toBe(masterToken);

  // What a function does not know makes it read the secrets again.
  expect([await statusOf(exchange, stored.token), await statusOf(status, token)]).toEqual([
    200, 200,
  ]);
  expect(await statusOf(status, session)).toBe(403);
  expect(await statusOf(exchange, masterToken)).toBe(401);
});
