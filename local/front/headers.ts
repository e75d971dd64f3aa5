import type { IncomingMessage } from "node:http";

/** Headers, or a trailer: each name, in lower case, with its values. */
export type Fields = Readonly<Record<string, readonly string[]>>;

/** https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-(authenticate|authorization|connection)|te|trailer|transfer-encoding|upgrade)$/;
/** The gateway sets these itself. */
const NOT_FROM_CLIENTS =
  /^(forwarded|x-forwarded-.*|x-real-ip|cf-connecting-ip|x-origin-verify|expect)$/;

/** The headers whose names match. */
export function only(fields: Fields, names: RegExp): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.test(name)));
}

/** The headers whose names do not match. */
export function without(fields: Fields, names: RegExp): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.test(name)));
}

/**
 * A message's headers without those of one connection, those that `Connection` names included. It cannot name the
 * length away: the body would follow the headers unframed, as another request.
 */
export function endToEnd({ headersDistinct }: IncomingMessage): Fields {
  const fields = without(headersDistinct as Fields, HOP_BY_HOP);
  const names =
    headersDistinct.connection
      ?.join()
      .toLowerCase()
      .split(/[\s,]+/) ?? [];
  const kept = Object.entries(fields).filter(
    ([name]) => name === "content-length" || !names.includes(name),
  );
  return Object.fromEntries(kept);
}

/** A client's headers as they are sent on, with the address and scheme of its own connection. */
export function forwarded(request: IncomingMessage): Fields {
  const address = request.socket.remoteAddress ?? "127.0.0.1";
  return {
    ...without(endToEnd(request), NOT_FROM_CLIENTS),
    "x-forwarded-for": [address],
    "x-forwarded-proto": ["http"],
  };
}

/** A message's first line and headers, as they are sent. */
export function headOf(firstLine: string, fields: Fields): string {
  const lines = Object.entries(fields).flatMap(([name, values]) =>
    values.map((value) => `${name}: ${value}`),
  );
  return [firstLine, ...lines, "", ""].join("\r\n");
}
