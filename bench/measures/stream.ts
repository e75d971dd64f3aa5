import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "../options.ts";
import { type Section, sampleTable } from "../report.ts";
import { freePort, NO_POCKETPAW, type Pair, ROOT, startPair } from "../servers.ts";
import { median } from "../statistics.ts";

const DIRECT = "PocketPaw directly";
const LIMIT_MILLISECONDS = 100;
const SECRET = "s".repeat(48);

/** How long a stream's first event takes through the example proxies, which ask the laptop's gateway. */
export async function measureStream({ loads }: Options): Promise<Section> {
  const title = "a stream's first event";
  const pair = await startPair();
  if (pair === undefined) return { title, method: NO_POCKETPAW, table: [], targets: [] };
  const samples: Record<string, number[]> = {};
  try {
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const verified = { ...bearer(pair.sessionToken), "x-origin-verify": SECRET };
    const ways = [
      [DIRECT, pair.pocketPaw, bearer(pair.masterToken)],
      ["nginx", await startNginx(pair), verified],
      ["Caddy", await startCaddy(pair), verified],
    ] as const;
    for (let load = -1; load < loads; load++) {
      for (const [name, url, headers] of ways) {
        const start = performance.now();
        const response = await fetch(`${url}/api/v1/events/stream`, { headers });
        const reader = response.body?.getReader();
        const { value } = (await reader?.read()) ?? {};
        const took = performance.now() - start;
        if (!`${Buffer.from(value ?? [])}`.startsWith("event:"))
          throw new Error(`${name}: ${response.status}`);
        await reader?.cancel();
        samples[name] ??= [];
        if (load >= 0) samples[name].push(took);
        // PocketPaw allows an address ten requests a second.
        await sleep(200);
      }
    }
  } finally {
    await pair.stop();
  }
  const of = (name: string) => median(samples[name] ?? []);
  const targets = ["nginx", "Caddy"].map((name) => ({
    measure: `a stream's first event through ${name}`,
    toReach: `at most ${LIMIT_MILLISECONDS} ms over ${DIRECT}`,
    measured: `${(of(name) - of(DIRECT)).toFixed(0)} ms`,
    reached: of(name) - of(DIRECT) <= LIMIT_MILLISECONDS,
  }));
  return {
    title,
    meaning: `A chat or stream begins ${targets.map(({ measured }) => measured).join(" (nginx) and ")} (Caddy) later, because the proxy asks the gateway first; then every event passes as it comes.`,
    method: `Milliseconds from the request for /api/v1/events/stream of a real PocketPaw to its first event, through the examples' configurations without TLS, which ask the gateway of \`npm start\`; ${loads} interleaved runs each. serverless-offline takes longer for a decision than Lambda does for a warm one.`,
    table: sampleTable("ms", samples, [DIRECT], 1),
    targets,
  };
}

/** The example's file with this machine's ports and files in it, and without TLS. */
function configure(
  pair: Pair,
  path: string,
  changes: readonly [string | RegExp, string][],
): string {
  const example = readFileSync(join(ROOT, "examples", "pocketpaw-proxy", path), "utf8");
  const common = [
    ["https://gateway-api.example.com", pair.gateway],
    ["127.0.0.1:8888", new URL(pair.pocketPaw).host],
  ] as const;
  return [...common, ...changes].reduce((text, [from, to]) => text.replaceAll(from, to), example);
}

async function startNginx(pair: Pair): Promise<string> {
  const file = (name: string) => join(pair.folder, name);
  const port = await freePort();
  writeFileSync(file("secrets.map"), `"~^${SECRET}$" direct;\n`);
  const site = configure(pair, "nginx/pocketpaw.conf", [
    ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
    ["listen [::]:443 ssl;", ""],
    [/^ *ssl_\w+ .*;$/gm, ""],
    ["/etc/nginx/pocketpaw-secrets.map", file("secrets.map")],
    [/\/var\/log\/nginx/g, pair.folder],
  ]);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${file(name)};`,
  );
  const main = `${process.getuid?.() === 0 ? "user root;" : ""} pid ${file("pid")}; error_log ${file("log")}; events {}`;
  writeFileSync(file("nginx.conf"), `${main} http { ${paths.join(" ")}\n${site} }`);
  const url = `http://127.0.0.1:${port}`;
  await pair.start("nginx", ["-c", file("nginx.conf"), "-g", "daemon off;"], url);
  return url;
}

async function startCaddy(pair: Pair): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const secrets = join(pair.folder, "caddy-secrets");
  writeFileSync(secrets, `"${SECRET}" direct\n`);
  const text = configure(pair, "caddy/Caddyfile", [
    ["\tservers {", "\tadmin off\n\tservers {"],
    ["pocketpaw-origin.example.com {", `${url} {`],
    ["/etc/caddy/pocketpaw-secrets", secrets],
  ]);
  writeFileSync(join(pair.folder, "Caddyfile"), text);
  await pair.start("caddy", ["run", "--config", join(pair.folder, "Caddyfile")], url);
  return url;
}
