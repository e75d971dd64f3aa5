import type { Asked } from "../support/contract.ts";
import type { WrongGateway } from "./change.ts";

/** A gateway that opens the WebSocket where it must not. */
function opens(how: string, is: (asked: Asked) => boolean): WrongGateway {
  return {
    title: `opens the WebSocket ${how}`,
    rows: ["websocket-foreign"],
    upgrade: (right, asked) => (is(asked) ? 101 : right),
  };
}

export const WEB_SOCKET_FAULTS: readonly WrongGateway[] = [
  {
    title: "does not carry the WebSocket",
    rows: ["websocket"],
    upgrade: (right) => (right === 101 ? 502 : right),
  },
  {
    title: "carries the WebSocket on one path alone",
    rows: ["websocket"],
    upgrade: (right, { path }) => (path === "/ws" ? right : 403),
  },
  {
    title: "responds 101 without having understood the handshake",
    rows: ["websocket"],
    accept: () => "AAAA",
  },
  opens("from other origins", ({ headers }) => /^https:/.test(headers.origin ?? "")),
  opens(
    "from an origin whose name starts alike",
    ({ headers, origin }) => headers.origin !== origin && !!headers.origin?.startsWith(origin),
  ),
  opens("without Origin", ({ headers }) => headers.origin === undefined),
  opens("without a cookie", ({ headers }) => headers.cookie === undefined),
  opens("by a token in the query", ({ query }) => query.has("token")),
  opens("by a bearer token", ({ headers }) => headers.authorization !== undefined),
  opens("with two cookies", ({ headers }) => /session=.*session=/.test(headers.cookie ?? "")),
  opens("at another path", ({ path }) => path === "//ws"),
  {
    title: "fails at a handshake that it refuses",
    rows: ["websocket-foreign"],
    upgrade: (right) => (right === 403 ? 500 : right),
  },
];
