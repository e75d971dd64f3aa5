import { createSocket } from "node:dgram";
import { once } from "node:events";

/** What nginx asks for the API's address: a DNS server that answers 127.0.0.1 to every question (RFC 1035, section 4). */
export async function startNameServer(): Promise<{ port: number; close: () => void }> {
  const server = createSocket("udp4");
  server.on("message", (question, { port, address }) => {
    const answer = Buffer.from(question);
    // A response, recursion available, with as many answers as questions.
    answer.writeUInt16BE(0x8180, 2);
    answer.writeUInt16BE(1, 6);
    // The name is that of the question; type A, class IN, 1 s, 4 bytes.
    const record = Buffer.from("c00c00010001000000010004", "hex");
    server.send(Buffer.concat([answer, record, Buffer.from([127, 0, 0, 1])]), port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port, close: () => server.close() };
}
