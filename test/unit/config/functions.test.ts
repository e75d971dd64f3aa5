import { describe, expect, test } from "vitest";
import { readAuthorizerSettings } from "../../../lib/config/authorizer.ts";
import { readLoginSettings } from "../../../lib/config/login.ts";
import { readLogoutSettings } from "../../../lib/config/logout.ts";
import { readQrSettings } from "../../../lib/config/qr.ts";
import { readRegenerateSettings } from "../../../lib/config/regenerate.ts";
import { readSessionSettings } from "../../../lib/config/session.ts";
import type { Environment } from "../../../lib/config/settings.ts";
import { badSettingsOf } from "../../support/bad-settings.ts";
import { KEYRING_SETTINGS, REQUIRED_SETTINGS } from "../../support/handlers.ts";

const BROWSER = { publicUrl: null, allowedOrigins: [] };

const FUNCTIONS: Record<string, [read: (environment: Environment) => object, defaults: object]> = {
  authorizer: [
    readAuthorizerSettings,
    { ...KEYRING_SETTINGS, ...BROWSER, acceptMasterToken: true, acceptNativeTokens: false },
  ],
  session: [
    readSessionSettings,
    { ...KEYRING_SETTINGS, sessionTtlHours: 24, acceptNativeTokens: false },
  ],
  login: [
    readLoginSettings,
    { ...KEYRING_SETTINGS, ...BROWSER, sessionTtlHours: 24, acceptNativeTokens: false },
  ],
  logout: [readLogoutSettings, BROWSER],
  qr: [readQrSettings, { ...KEYRING_SETTINGS, sessionTtlHours: 24, publicUrl: null }],
  regenerate: [
    readRegenerateSettings,
    {
      masterTokenSecretId: KEYRING_SETTINGS.masterTokenSecretId,
      sessionTtlHours: 24,
      acceptNativeTokens: false,
      originUrl: null,
      upstreamSecretId: null,
    },
  ],
};

describe.each(Object.entries(FUNCTIONS))("%s", (name, [read, defaults]) => {
  test("has the default of each setting that is absent", () => {
    expect(read(REQUIRED_SETTINGS)).toEqual(defaults);
  });

  test.each(badSettingsOf(name))("does not start: $variable, $found", (setting) => {
    const { variable, value, found, allowed } = setting;
    expect(() => read({ ...REQUIRED_SETTINGS, [variable]: value })).toThrow(
      `Bad settings: ${variable} is ${found}; it must be ${allowed}.`,
    );
  });
});
