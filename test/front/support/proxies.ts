import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import {
  baseEnvironment,
  run,
  type Server,
  startServer,
} from "../../deployed/support/processes.ts";
import { ROOT } from "../../support/checkout.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";

/** The two values of each secret that a test uses: letters and digits, as the stack generates them. */
export const SECRETS = {
  api: "ApiSecretApiSecretApiSecretApiSecretApiSecret123",
  direct: "DirectSecretDirectSecretDirectSecretDirectSecre4",
  newApi: "NewApiSecretNewApiSecretNewApiSecretNewApiSecre8",
  newDirect: "NewDirectSecretNewDirectSecretNewDirectSecretNe9",
};

/** An accepted value, and what it opens. */
export type Accepted = readonly [value: string, caller: "api" | "direct"];

export const BOTH: readonly Accepted[] = [
  [SECRETS.api, "api"],
  [SECRETS.direct, "direct"],
];

/** The example's reverse proxy, running. */
export interface RunningProxy {
  readonly port: number;
  /** PEM: the CA of its certificate. */
  readonly ca: string;
  /** Replaces the file of accepted secrets and reloads, as the README tells an operator to. */
  readonly accept: (secrets: readonly Accepted[]) => Promise<void>;
  /** All that it has logged. */
  readonly logs: () => string;
  readonly stop: () => Promise<void>;
}

/** An API as the proxy sees it. */
export interface Gateway {
  /** Without a slash at the end. */
  readonly url: string;
  /** The file of the CA of its certificate, where it speaks TLS. */
  readonly caFile?: string;
  /** Of the DNS server on 127.0.0.1 that nginx asks for its name; Caddy asks the system. */
  readonly dnsPort?: number;
}

export interface ProxyOptions {
  /** The host name that browsers use, with its port. */
  readonly publicHost: string;
  readonly upstreamPort: number;
  readonly directory: string;
  /** The address whose `verify` the proxy asks. */
  readonly gateway: Gateway;
  /** What it accepts from its start on; BOTH when absent. */
  readonly accepted?: readonly Accepted[];
}

export type Start = (options: ProxyOptions) => Promise<RunningProxy>;
const EXAMPLE = join(ROOT, "examples", "pocketpaw-proxy");

/** Real nginx and real Caddy with the example's configuration; only names, ports and files are changed. */
export const PROXIES: readonly (readonly [name: string, start: Start])[] = [
  ["nginx", startNginx],
  ["Caddy", startCaddy],
];

async function startNginx(options: ProxyOptions): Promise<RunningProxy> {
  const directory = mkdtempSync(join(options.directory, "nginx-"));
  const certificate = await makeCertificate(directory);
  const secretsFile = join(directory, "secrets.map");
  const config = join(directory, "nginx.conf");
  const write = (secrets: readonly Accepted[]) =>
    writeFileSync(
      secretsFile,
      secrets.map(([value, caller]) => `"~^${value}$" ${caller};\n`).join(""),
    );
  write(options.accepted ?? BOTH);
  mkdirSync(join(directory, "temporary"));
  const pidFile = join(directory, "nginx.pid");
  const command = { command: "nginx", env: baseEnvironment([]), directory };
  const server = await startServer(
    join(directory, "output.log"),
    (port) => {
      const site = substitute(join(EXAMPLE, "nginx", "pocketpaw.conf"), [
        ["listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`],
        ["listen [::]:443 ssl;", ""],
        ["/etc/letsencrypt/live/pocketpaw-origin.example.com/fullchain.pem", certificate.certFile],
        ["/etc/letsencrypt/live/pocketpaw-origin.example.com/privkey.pem", certificate.keyFile],
        ["/etc/nginx/pocketpaw-secrets.map", secretsFile],
        ["/var/log/nginx/pocketpaw.log", join(directory, "access.log")],
        ["/var/log/nginx/pocketpaw-error.log", join(directory, "error.log")],
        ["resolver 127.0.0.53 ", `resolver 127.0.0.1:${options.gateway.dnsPort ?? 53} `],
        ["/etc/ssl/certs/ca-certificates.crt", options.gateway.caFile ?? certificate.certFile],
        ...commonReplacements(options),
      ]);
      writeFileSync(config, nginxMain(directory, pidFile, site));
      return { ...command, args: ["-c", config, "-g", "daemon off;"] };
    },
    isListening,
  );
  return proxy(server, certificate, {
    logs: ["output.log", "access.log", "error.log"].map((name) => join(directory, name)),
    accept: async (secrets) => {
      write(secrets);
      await run({ ...command, args: ["-c", config, "-s", "reload"] });
    },
  });
}

/** What Debian's nginx.conf is to the example's file. */
function nginxMain(directory: string, pidFile: string, site: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(directory, "temporary", name)};`,
  );
  // Workers of a master that is root would be of another user, who cannot enter the folder.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  return `${user} pid ${pidFile}; worker_processes 1; events {}
    http { access_log off; ${temporary.join(" ")}\n${site} }`;
}

async function startCaddy(options: ProxyOptions): Promise<RunningProxy> {
  const directory = mkdtempSync(join(options.directory, "caddy-"));
  const certificate = await makeCertificate(directory);
  const secretsFile = join(directory, "pocketpaw-secrets");
  const config = join(directory, "Caddyfile");
  const admin = `unix/${join(directory, "admin")}`;
  const write = (secrets: readonly Accepted[]) =>
    writeFileSync(secretsFile, secrets.map(([value, caller]) => `"${value}" ${caller}\n`).join(""));
  write(options.accepted ?? BOTH);
  const env = { ...baseEnvironment([]), HOME: directory };
  const trusted = { SSL_CERT_FILE: options.gateway.caFile ?? certificate.certFile };
  const command = { command: "caddy", env: { ...env, ...trusted }, directory };
  const server = await startServer(
    join(directory, "output.log"),
    (port) => {
      const { certFile, keyFile } = certificate;
      const text = substitute(join(EXAMPLE, "caddy", "Caddyfile"), [
        ["\tservers {", `\tadmin ${admin}\n\tauto_https disable_redirects\n\tservers {`],
        [
          "pocketpaw-origin.example.com {",
          `https://127.0.0.1:${port} {\n\tbind 127.0.0.1\n\ttls ${certFile} ${keyFile}`,
        ],
        ["/etc/caddy/pocketpaw-secrets", secretsFile],
        ...commonReplacements(options),
      ]);
      writeFileSync(config, text);
      return { ...command, args: ["run", "--config", config, "--adapter", "caddyfile"] };
    },
    isListening,
  );
  return proxy(server, certificate, {
    logs: [join(directory, "output.log")],
    accept: async (secrets) => {
      write(secrets);
      const args = ["reload", "--config", config, "--adapter", "caddyfile", "--address", admin];
      await run({ ...command, args });
    },
  });
}

function proxy(
  { port, stop }: Server & { readonly port: number },
  { ca }: Certificate,
  { logs, accept }: { readonly logs: readonly string[]; readonly accept: RunningProxy["accept"] },
): RunningProxy {
  const read = () => logs.map((file) => readFileSync(file, "utf8")).join("");
  return { port, ca, accept, stop, logs: read };
}

/** What an operator changes in either file. */
function commonReplacements({ publicHost, upstreamPort, gateway }: ProxyOptions) {
  return [
    ["https://gateway-api.example.com", gateway.url],
    ["127.0.0.1:8888", `127.0.0.1:${upstreamPort}`],
    ["paw.example.com", publicHost],
  ] as const;
}

/** The file's text with each of the texts, which it must have, replaced. */
function substitute(file: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
      return text.replaceAll(from, to);
    },
    readFileSync(file, "utf8"),
  );
}

async function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).once("error", () => resolve(false));
  });
}
