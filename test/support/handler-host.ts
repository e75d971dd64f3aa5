/**
 * A program, for a process of its own: a container with all three functions. Its parent sends
 * `{load: n}` for a cold start, and `{invocations}`, a list of handler and event; both are answered
 * with a list of `{answer}` or `{thrown}`; `"exit"` ends it. It prints nothing of its own, so that what is printed is
 * the handlers'.
 */
type Handler = (event: unknown, context: unknown) => Promise<unknown>;
type Message = { load?: number; invocations?: [handler: string, event: unknown][] };

const handlers = new Map<string, Handler>();

async function load(count: number): Promise<string> {
  for (const name of ["session", "authorizer", "session-status"]) {
    // Another query is another module: it is evaluated again.
    const module = await import(`../../handlers/${name}.ts?load=${count}`);
    handlers.set(name, module.handler);
  }
  return "loaded";
}

const invoke = async (name: string, event: unknown) =>
  handlers.get(name)?.(event, { awsRequestId: "lambda-1" });

const outcomeOf = (result: Promise<unknown>) =>
  result.then(
    (answer) => ({ answer }),
    (error) => ({ thrown: String(error) }),
  );

process.on("message", async (message: Message | "exit") => {
  if (message === "exit") process.exit();
  const outcomes: unknown[] = [];
  if (message.load !== undefined) outcomes.push(await outcomeOf(load(message.load)));
  for (const [name, event] of message.invocations ?? []) {
    outcomes.push(await outcomeOf(invoke(name, event)));
  }
  process.send?.(outcomes);
});
// Its parent is gone.
process.on("disconnect", () => process.exit());
process.send?.("listening");
