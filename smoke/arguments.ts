import { OperatorError } from "./failures.ts";

export const USAGE = `Usage: npm run smoke -- <URL> [--regenerate]

Checks a running gateway from outside, as a client. It changes nothing.

  <URL>         the gateway's, such as https://paw.example.com
  --regenerate  also regenerates the master token, which ends every session
  --help        shows this

The master token comes from the environment variable POCKETPAW_ACCESS_TOKEN, or from a prompt that does not show it.
HTTPS_PROXY and NO_PROXY count, except for this machine itself.
Exit code: 0 everything holds, 1 something does not, 2 the checks could not be run.`;

const NO_TOKEN = `The command line has an argument that is no URL and no option. It may not hold the master token: other users of this
machine can see a command line, and the shell keeps it in its history. Put the token into the environment variable
POCKETPAW_ACCESS_TOKEN, or type it at the prompt. If it was the token, regenerate it.`;

/** A host without a scheme, which no token looks like. */
const BARE_HOST = /^(localhost|\[::1\]|([a-z0-9-]+\.)+([a-z]{2,24}|[0-9]{1,3}))(:[0-9]+)?\/?$/i;
/** Hosts that are this machine itself; names under `localhost` included (RFC 6761 section 6.3). */
const LOOPBACK = /^(([^.]+\.)*localhost|127(\.[0-9]{1,3}){3}|\[::1\])$/;

/**
 * Reads the command line, without Node and the script. No message repeats an argument: it may be a token.
 *
 * @throws OperatorError when it is not as USAGE says
 */
export function readArguments(
  argv: readonly string[],
): "help" | { readonly url: URL; readonly regenerate: boolean } {
  if (argv.includes("--help") || argv.includes("-h")) return "help";
  const [given, ...more] = argv.filter((argument) => argument !== "--regenerate");
  if (given === undefined) throw new OperatorError(USAGE);
  if (more.length === 0 && BARE_HOST.test(given) && URL.canParse(`http://${given}`)) {
    const scheme = isLoopback(new URL(`http://${given}`)) ? "http" : "https";
    throw new OperatorError(`The URL has no scheme: add ${scheme}:// in front of it.`);
  }
  if (more.length > 0 || !/^https?:\/\//i.test(given)) throw new OperatorError(NO_TOKEN);
  if (!URL.canParse(given)) throw new OperatorError(`The URL cannot be read.\n\n${USAGE}`);
  const url = new URL(given);
  if (url.username + url.password + url.search + url.hash !== "") {
    throw new OperatorError(NO_TOKEN.replace("is no URL and no option", "is more than a URL"));
  }
  if (url.pathname !== "/") throw new OperatorError(`The URL has a path; it must be ${url.origin}`);
  if (url.protocol === "https:" || isLoopback(url)) {
    return { url, regenerate: argv.includes("--regenerate") };
  }
  throw new OperatorError(
    `The URL is http, which would show the master token to the network; it must be https://${url.host}, or http with a host such as localhost`,
  );
}

/** Whether a URL's host is this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}
