import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { BASE_ENVIRONMENT, run, startServer } from "../../deployed/support/processes.ts";
import { type Certificate, makeCertificate } from "../../support/certificate.ts";
import { ROOT } from "../../support/checkout.ts";

/** The secrets: letters and digits, as the stack generates them. */
export const SECRETS = {
  api: "ApiSecretApiSecretApiSecretApiSecretApiSecret123",
  direct: "DirectSecretDirectSecretDirectSecretDirectSecre4",
};

/** An accepted value, and what it opens: `api` or `direct`. */
export type Accepted = readonly [value: string, caller: string];

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
/** How one of the programs runs the example's configuration in a folder. */
interface Program {
  /** Below examples/pocketpaw-proxy. */
  readonly example: string;
  readonly secretsFile: string;
  readonly secretLine: (...accepted: Accepted) => string;
  /** What is changed in the file beside what an operator changes. */
  readonly changes: (folder: string, port: number, certificate: Certificate) => Changes;
  /** The whole configuration around the example's file. */
  readonly around: (site: string, folder: string) => string;
  readonly command: (config: string, folder: string) => readonly [string, ...string[]];
  readonly reload: (config: string) => readonly string[];
  readonly logs: readonly string[];
}

type Changes = readonly (readonly [from: string, to: string])[];

const NGINX: Program = {
  example: "nginx/pocketpaw.conf",
  secretsFile: "/etc/nginx/pocketpaw-secrets.map",
  secretLine: (value, caller) => `"~^${value}$" ${caller};\n`,
  changes: (folder, port, { certFile, keyFile }) => [
    ["listen 443 ssl;", `listen 127.0.0.1:${port} ssl;`],
    ["listen [::]:443 ssl;", ""],
    ["/etc/letsencrypt/live/pocketpaw-origin.example.com/fullchain.pem", certFile],
    ["/etc/letsencrypt/live/pocketpaw-origin.example.com/privkey.pem", keyFile],
    ["/var/log/nginx", folder],
  ],
  around: (site, folder) => {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(folder, name)};`,
    );
    // Workers of a master that is root would be of another user, who cannot enter the folder.
    const user = process.getuid?.() === 0 ? "user root;" : "";
    return `${user} pid ${folder}/pid; worker_processes 1; events {}
      http { access_log off; ${temporary.join(" ")}\n${site} }`;
  },
  command: (config) => ["nginx", "-c", config, "-g", "daemon off;"],
  reload: (config) => ["-c", config, "-s", "reload"],
  logs: ["output.log", "pocketpaw.log", "pocketpaw-error.log"],
};

const CADDY: Program = {
  example: "caddy/Caddyfile",
  secretsFile: "/etc/caddy/pocketpaw-secrets",
  secretLine: (value, caller) => `"${value}" ${caller}\n`,
  changes: (folder, port, { certFile, keyFile }) => [
    // The one way to its administration is a file, which its user alone can write to.
    ["\tadmin unix//var/lib/caddy/admin.sock\n", `\tadmin unix/${folder}/admin\n`],
    ["\tservers {", "\tauto_https disable_redirects\n\tservers {"],
    [
      "pocketpaw-origin.example.com {",
      `https://127.0.0.1:${port} {\n\tbind 127.0.0.1\n\ttls ${certFile} ${keyFile}`,
    ],
  ],
  around: (site) => site,
  command: (config) => ["caddy", "run", "--adapter", "caddyfile", "--config", config],
  reload: (config) => ["reload", "--adapter", "caddyfile", "--config", config],
  logs: ["output.log"],
};

/** Real nginx and real Caddy with the example's configuration; only names, ports and files are changed. */
export const PROXIES: readonly (readonly [name: string, start: Start])[] = [
  ["nginx", (options) => startProxy(NGINX, options)],
  ["Caddy", (options) => startProxy(CADDY, options)],
];

async function startProxy(program: Program, options: ProxyOptions): Promise<RunningProxy> {
  const folder = mkdtempSync(join(options.directory, "proxy-"));
  const certificate = await makeCertificate(folder);
  const { publicHost, upstreamPort, gateway, accepted = BOTH } = options;
  const [secretsFile, config] = [join(folder, "secrets"), join(folder, "config")];
  const write = (secrets: readonly Accepted[]) =>
    writeFileSync(secretsFile, secrets.map((each) => program.secretLine(...each)).join(""));
  write(accepted);
  const operators: Changes = [
    [program.secretsFile, secretsFile],
    ["https://gateway-api.example.com", gateway.url],
    ["127.0.0.1:8888", `127.0.0.1:${upstreamPort}`],
    ["paw.example.com", publicHost],
  ];
  const caFile = gateway.caFile ?? certificate.certFile;
  const ofNginx: Changes = [
    ["resolver 127.0.0.53 ", `resolver 127.0.0.1:${gateway.dnsPort ?? 53} `],
    ["/etc/ssl/certs/ca-certificates.crt", caFile],
  ];
  const env = { ...BASE_ENVIRONMENT, HOME: folder, SSL_CERT_FILE: caFile };
  const [command] = program.command(config, folder);
  const server = await startServer(
    join(folder, "output.log"),
    (port) => {
      const changes = program.changes(folder, port, certificate);
      const all = [...changes, ...operators, ...(program === NGINX ? ofNginx : [])];
      const site = substitute(join(ROOT, "examples", "pocketpaw-proxy", program.example), all);
      writeFileSync(config, program.around(site, folder));
      return { command, args: program.command(config, folder).slice(1), env, directory: folder };
    },
    async (port) => {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.destroy();
      return true;
    },
  );
  return {
    port: server.port,
    ca: certificate.ca,
    stop: server.stop,
    logs: () => program.logs.map((name) => readFileSync(join(folder, name), "utf8")).join(""),
    accept: async (secrets) => {
      write(secrets);
      await run({ command, args: program.reload(config), env, directory: folder });
    },
  };
}

/** The file's text with each of the texts, which it must have, replaced. */
function substitute(file: string, changes: Changes): string {
  const example = readFileSync(file, "utf8");
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`);
    return text.replaceAll(from, to);
  }, example);
}
