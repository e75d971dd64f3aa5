import { BROWSER_FAULTS } from "./browser.ts";
import type { WrongGateway } from "./change.ts";
import { CREDENTIAL_FAULTS } from "./credentials.ts";
import { EXCHANGE_FAULTS } from "./exchange.ts";
import { OTHER_FAULTS } from "./others.ts";
import { PROXIED_FAULTS } from "./proxied.ts";
import { WEB_SOCKET_FAULTS } from "./web-socket.ts";

export const WRONG_GATEWAYS: readonly WrongGateway[] = [
  ...EXCHANGE_FAULTS,
  ...CREDENTIAL_FAULTS,
  ...BROWSER_FAULTS,
  ...PROXIED_FAULTS,
  ...WEB_SOCKET_FAULTS,
  ...OTHER_FAULTS,
];
