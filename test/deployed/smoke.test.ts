import { expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { deployed } from "./support/deployed.ts";

test("the smoke test passes at the API's own address, as far as MiniStack goes", async () => {
  const { api, masterToken } = deployed;
  const url = new URL(`http://${api.host}:${api.port}`);
  const found = await runChecks({ url, masterToken, regenerate: false });
  const exceptions = Object.entries(found).filter(([, { verdict }]) => verdict !== "holds");
  expect(exceptions.map(([name, { verdict }]) => `${name}: ${verdict}`)).toEqual([
    // MiniStack forwards no header of PocketPaw's, and sets none of the response parameters.
    ...["page: does not hold", "token-link: not applicable", "policy: does not hold"],
    // It cannot send a path that was decoded to a space, and follows redirects.
    ...["path-arrives: does not hold", "query-arrives: does not hold"],
    // This PocketPaw's file viewer has its default, the home folder.
    "file-jail: does not hold",
    ...["direct-path", "stream", "websocket", "websocket-foreign", "regeneration"].map(
      (name) => `${name}: not applicable`,
    ),
  ]);
});
