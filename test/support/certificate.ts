import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BASE_ENVIRONMENT, run } from "../deployed/support/processes.ts";

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM: what a client trusts. */
  readonly ca: string;
}

/**
 * A self-signed certificate, in a folder of the caller's.
 *
 * @param name the server's, as in subjectAltName
 */
export async function makeCertificate(
  directory: string,
  name = "IP:127.0.0.1",
): Promise<Certificate> {
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  await run({
    command: "openssl",
    args: [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-days", "2", "-subj", "/CN=test", "-addext", `subjectAltName=${name}`],
      ...["-keyout", keyFile, "-out", certFile],
    ],
    env: BASE_ENVIRONMENT,
    directory,
  });
  return { certFile, keyFile, ca: readFileSync(certFile, "utf8") };
}
