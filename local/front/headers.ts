import type { IncomingMessage } from "node:http";

/** Headers, or a trailer: each name, in lower case, with its values. */
export type Fields = NodeJS.Dict<string[]>;

/** https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-(authenticate|authorization|connection)|te|trailer|transfer-encoding|upgrade)$/;
/** The gateway sets these itself. */
const NOT_FROM_CLIENTS =
  /^(forwarded|x-forwarded-.*|x-real-ip|cf-connecting-ip|x-origin-verify|expect)$/;

/** The headers with such names. */
export function only(fields: Fields, names: RegExp): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.test(name)));
}

/** The headers with other names. */
export function without(fields: Fields, names: RegExp): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.test(name)));
}

/**
 * A message's headers without those of one connection, those that `Connection` names included. It cannot name the
 * length away: the body would follow the headers unframed, as another request.
 */
export function endToEnd({ headersDistinct }: IncomingMessage): Fields {
  const { connection = [] } = headersDistinct;
  const named = String(connection)
    .toLowerCase()
    .split(/[\s,]+/);
  const kept = Object.entries(without(headersDistinct, HOP_BY_HOP)).filter(
    ([name]) => name === "content-length" || !named.includes(name),
  );
  return Object.fromEntries(kept);
}

/** A client's headers as they are sent on, with the address and scheme of its own connection. */
export function forwarded(request: IncomingMessage): Fields {
  return {
    ...without(endToEnd(request), NOT_FROM_CLIENTS),
    "x-forwarded-for": [request.socket.remoteAddress ?? "127.0.0.1"],
    "x-forwarded-proto": ["http"],
  };
}

/** A message's first line and headers, as they are sent. */
export function headOf(firstLine: string, fields: Fields): string {
  const lines = Object.entries(fields).flatMap(([name, values = []]) =>
    values.map((value) => `${name}: ${value}`),
  );
  return [firstLine, ...lines, "", ""].join("\r\n");
}
