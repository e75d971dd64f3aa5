import { expect, test } from "vitest";
import { reasonOf } from "../../smoke/failures.ts";

test.each([
  ["ENOTFOUND", "no DNS record of this host name was found"],
  ["CERT_HAS_EXPIRED", "TLS failed: the certificate has expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "TLS failed: the certificate is for another host name"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "TLS failed"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "TLS failed"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "TLS failed"],
  ["HPE_INVALID_CONSTANT", "the server does not speak HTTP there"],
  ["EPIPE", "the connection failed"],
])("a connection that fails with %s: %s", (code, reason) => {
  expect(reasonOf(Object.assign(new Error("secret"), { code }))).toBe(`${reason} (${code})`);
});
