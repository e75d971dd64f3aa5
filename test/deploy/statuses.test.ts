import { expect, test } from "vitest";
import { resources } from "../../deploy/origin.js";
import { check } from "./support.ts";

/** https://www.iana.org/assignments/http-status-codes (from 200 on). */
const REGISTERED = [
  ...[200, 201, 202, 203, 204, 205, 206, 207, 208, 226],
  ...[300, 301, 302, 303, 304, 305, 306, 307, 308],
  ...[
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418,
  ],
  ...[421, 422, 423, 424, 425, 426, 428, 429, 431, 451],
  ...[500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511],
];

test("no registered status brings a script of PocketPaw's API or webhooks", async () => {
  const settings = await check({ originUrl: "https://paw.example.com" });
  const { Resources = {} } = await resources({
    options: {},
    resolveVariable: async () => undefined,
    resolveConfigurationProperty: async () => settings,
  });
  for (const name of ["ApiIntegration", "WebhookIntegration"]) {
    const found = JSON.parse(JSON.stringify(new Map(Object.entries(Resources)).get(name)));
    const { ResponseParameters } = found.Properties;
    for (const status of REGISTERED) {
      const [csp, nosniff] = ResponseParameters[status].ResponseParameters;
      expect(csp.Destination).toBe("overwrite:header.content-security-policy");
      expect(csp.Source).toMatch(/^default-src 'none'; script-src 'none';/);
      expect(nosniff).toEqual({
        Destination: "overwrite:header.x-content-type-options",
        Source: "nosniff",
      });
    }
    expect(Object.keys(ResponseParameters).every((status) => /^[2-5]\d\d$/.test(status))).toBe(
      true,
    );
  }
});
