import { readFileSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment, run } from "../../deployed/support/processes.ts";

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM: what a client trusts. */
  readonly ca: string;
}

/** A self-signed certificate for 127.0.0.1, in a folder of the caller's. */
export async function makeCertificate(directory: string): Promise<Certificate> {
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  await run({
    command: "openssl",
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-keyout", keyFile, "-out", certFile],
    ],
    env: baseEnvironment([]),
    directory,
  });
  return { certFile, keyFile, ca: readFileSync(certFile, "utf8") };
}
