import { expect, test } from "vitest";
import { acceptedMethods } from "../../../lib/functions/authorizer.ts";

test.each([
  [true, true, ["session", "pairing", "master", "native"]],
  [true, false, ["session", "pairing", "master"]],
  [false, true, ["session", "pairing", "native"]],
  [false, false, ["session", "pairing"]],
])(
  "the master token %j, PocketPaw tokens %j: %j",
  (acceptMasterToken, acceptNativeTokens, methods) => {
    expect(acceptedMethods({ acceptMasterToken, acceptNativeTokens })).toEqual(methods);
  },
);
