import { expect, test } from "vitest";
import { readArguments } from "../../smoke/arguments.ts";
import { proxyOf } from "../../smoke/proxy.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

const URL_GIVEN = "https://paw.example.com";

test.each([
  ["as a second argument", [URL_GIVEN, MASTER_TOKEN]],
  ["as the only argument", [MASTER_TOKEN]],
  ["as an option", [URL_GIVEN, `--token=${MASTER_TOKEN}`]],
  ["as the URL's user", [`https://${MASTER_TOKEN}@paw.example.com`]],
  ["as the URL's password", [`https://me:${MASTER_TOKEN}@paw.example.com`]],
  ["in the URL's query", [`${URL_GIVEN}/?token=${MASTER_TOKEN}`]],
  ["in the URL's fragment", [`${URL_GIVEN}/#${MASTER_TOKEN}`]],
])("a token %s is refused, without repeating it", (_, args) => {
  const read = () => readArguments(args);
  expect(read).toThrow("It may not hold the master token");
  expect(read).not.toThrow(MASTER_TOKEN);
});

test.each([
  ["http://paw.example.com", "must be https://paw.example.com"],
  ["http://localhost.example.com", "must be https://localhost.example.com"],
  ["https://paw.example.com/api", "must be https://paw.example.com"],
  ["https://paw.example.com:99999", "cannot be read"],
  ["localhost:8000", "add http:// in front of it"],
  ["127.0.0.1:8000/", "add http:// in front of it"],
  ["[::1]:8000", "add http:// in front of it"],
  ["paw.example.com", "add https:// in front of it"],
])("%s is refused: %s", (given, message) => {
  expect(() => readArguments([given])).toThrow(message);
});

test.each<[string, Record<string, string>, string | undefined]>([
  [URL_GIVEN, {}, undefined],
  [URL_GIVEN, { HTTPS_PROXY: "http://proxy:3128" }, "http://proxy:3128/"],
  [URL_GIVEN, { https_proxy: "me:pw@proxy:3128", HTTPS_PROXY: "x" }, "http://me:pw@proxy:3128/"],
  [URL_GIVEN, { HTTPS_PROXY: "http://proxy", NO_PROXY: "x.org, .example.com" }, undefined],
  [URL_GIVEN, { HTTPS_PROXY: "http://proxy", no_proxy: "ample.com" }, "http://proxy/"],
  [URL_GIVEN, { HTTPS_PROXY: "http://proxy", no_proxy: "*" }, undefined],
  ["https://localhost", { HTTPS_PROXY: "http://proxy" }, undefined],
  ["http://127.0.0.1:8000", { HTTPS_PROXY: "http://proxy" }, undefined],
])("%s with %o is asked through the proxy %s", (url, environment, proxy) => {
  expect(proxyOf(new URL(url), environment)?.href).toBe(proxy);
});

test("a proxy that is no http URL is named", () => {
  const ask = () => proxyOf(new URL(URL_GIVEN), { HTTPS_PROXY: "socks5://proxy" });
  expect(ask).toThrow("HTTPS_PROXY is no http URL; it must be one, such as http://proxy:3128");
});
