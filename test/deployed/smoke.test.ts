import { expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { deployed, gateway } from "./support/deployed.ts";

test("the smoke test passes at the API's own address, as far as MiniStack goes", async () => {
  const { port } = new URL(gateway.url);
  const rows: Record<string, string[]> = { "does not hold": [], "not applicable": [] };
  await runChecks({
    url: new URL(`http://${gateway.id}.execute-api.localhost:${port}`),
    masterToken: deployed.masterToken,
    regenerate: false,
    now: Date.now,
    onRow: ({ name }, { verdict }) => void rows[verdict]?.push(name),
  });
  expect(rows).toEqual({
    // MiniStack forwards no header of PocketPaw's, and sets none of the response parameters.
    "does not hold": ["page", "policy"],
    // An API carries no WebSocket.
    "not applicable": ["websocket", "websocket-foreign", "regeneration"],
  });
});
