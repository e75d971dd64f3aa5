import { createHash, randomBytes } from "node:crypto";
import { type Check, type Finding, judge, NO_POCKETPAW } from "../check.ts";
import { headerOf } from "../client.ts";
import { FOREIGN_ORIGIN, type Gateway } from "../gateway.ts";

const PATHS = ["/ws", "/v1/ws", "/api/v1/ws"];
/** RFC 6455 section 1.3 */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const API_ADDRESS: Finding = {
  verdict: "not applicable",
  why: "the API's own address carries no WebSocket; run this against the output DashboardUrl",
};

export const webSocket: Check = {
  name: "websocket",
  claim: "the gateway's own page opens the chat's WebSocket with its cookie",
  advice:
    "403: PocketPaw and the secret hold different master tokens, or the proxy refuses X-Origin-Verify. 5xx: CloudFront does not reach PocketPaw's proxy, or that passes on no upgrade",
  run: (gateway) =>
    whereCarried(gateway, async () => {
      const { cookie, origin } = gateway;
      const opened = PATHS.map(async (path) => {
        const { status, isAccepted } = await open(gateway, path, { cookie, origin });
        if (status !== 101) return `${path} responded ${status}`;
        return !isAccepted && `${path} responded 101 without the right Sec-WebSocket-Accept`;
      });
      return judge(await Promise.all(opened));
    }),
};

export const foreignWebSocket: Check = {
  name: "websocket-foreign",
  claim: "only the gateway's own page, with the cookie, opens the chat's WebSocket",
  advice:
    "stop PocketPaw's proxy: any page could use the chat. Is the CloudFront Function attached to the three paths?",
  run: (gateway) =>
    whereCarried(gateway, async () => {
      const { cookie, origin, session } = gateway;
      const token = encodeURIComponent(session.token);
      const attempts: [string, string, Record<string, string>][] = [
        ...PATHS.map((path): [string, string, Record<string, string>] => [
          `${path} from another origin`,
          path,
          { cookie, origin: FOREIGN_ORIGIN },
        ]),
        [
          "/ws from an origin whose name starts alike",
          "/ws",
          { cookie, origin: `${origin}.invalid` },
        ],
        ["/ws without Origin", "/ws", { cookie }],
        ["/ws without the cookie", "/ws", { origin }],
        ["/ws with two cookies", "/ws", { cookie: `${cookie}; ${cookie}`, origin }],
        ["/ws with a token in the query", `/ws?token=${token}`, { origin }],
        ["/ws with a bearer token", "/ws", { origin, authorization: `Bearer ${session.token}` }],
      ];
      const refused = attempts.map(async ([name, path, headers]) => {
        const { status } = await open(gateway, path, headers);
        return status !== 403 && `${name} responded ${status}`;
      });
      const otherPaths = ["/ws/", "/%77s", "//ws", "/static/../ws"].map(async (path) => {
        const { status } = await open(gateway, path, { cookie, origin });
        return status === 101 && `${path} opened`;
      });
      return judge(await Promise.all([...refused, ...otherPaths]));
    }),
};

async function whereCarried(
  { url, hasPocketPaw }: Gateway,
  run: () => Promise<Finding>,
): Promise<Finding> {
  if (!hasPocketPaw) return NO_POCKETPAW;
  return url.hostname.includes(".execute-api.") ? API_ADDRESS : run();
}

/** A handshake (RFC 6455 section 4.1); the connection ends with the response. */
async function open({ send }: Gateway, path: string, headers: Readonly<Record<string, string>>) {
  const key = randomBytes(16).toString("base64");
  const reply = await send(`GET ${path}`, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
      ...headers,
    },
  });
  const accept = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  return { status: reply.status, isAccepted: headerOf(reply, "sec-websocket-accept") === accept };
}
