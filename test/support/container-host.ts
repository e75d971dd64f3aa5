/**
 * A program, for a process of its own: one Lambda container, as far as one can be had without Lambda.
 * Its parent sends messages with an id and a request: to load the functions' modules, whose paths
 * it gives by the functions' names, or to run one of them. Each gets a reply with the same id. Several invocations may
 * run at once: a container that was frozen with an invocation in flight gets the next one beside it.
 * It prints nothing of its own.
 */
type Handler = (event: unknown, context: unknown) => Promise<unknown>;

export type Request =
  | { readonly load: Readonly<Record<string, string>> }
  | { readonly functionName: string; readonly event: unknown };

export interface Message {
  readonly id: number;
  readonly request: Request;
}

export interface Reply {
  readonly id: number;
  readonly response?: unknown;
  readonly thrown?: string;
}

const handlers = new Map<string, Handler>();

async function run({ id, request }: Message): Promise<unknown> {
  if ("load" in request) {
    for (const [name, path] of Object.entries(request.load)) {
      // Another query is another module: it is evaluated again.
      handlers.set(name, (await import(`${path}?load=${id}`)).handler);
    }
    return undefined;
  }
  const handler = handlers.get(request.functionName);
  return handler?.(request.event, { awsRequestId: `lambda-${id}` });
}

const send = (reply: Reply) => process.send?.(reply);

process.on("message", (message: Message) => {
  const { id } = message;
  run(message).then(
    (response) => send({ id, response }),
    (error) => send({ id, thrown: error instanceof Error ? error.message : String(error) }),
  );
});
// Its parent has ended, or has no more messages.
process.on("disconnect", () => process.exit());
