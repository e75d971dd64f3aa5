import { generate } from "selfsigned";

/** A certificate authority of this run, and a server certificate that it has signed; PEM. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Issues a certificate for 127.0.0.1. RSA with 2048 bits, as AWS's endpoints have, so that a client
 * checks signatures of the same kind.
 */
export async function issueCertificates(): Promise<Certificates> {
  const options = { keySize: 2048, algorithm: "sha256" } as const;
  const authority = await generate([{ name: "commonName", value: "bench CA" }], {
    ...options,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    ...options,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return {
    authority: authority.cert,
    certificate: `${server.cert}\n${authority.cert}`,
    key: server.private,
  };
}
