/**
 * A program, for a process of its own: one Lambda container, as far as one can be had without Lambda.
 * It loads the bundle that its argument names, says `{loaded: true}`, and then runs the handler for
 * each `{id, event}`, also several at once: a container that was frozen with an invocation in flight
 * gets the next one beside it. It prints nothing of its own.
 */
const [, , bundle = ""] = process.argv;
const { handler } = await import(bundle);

process.on("message", async ({ id, event }: { id: number; event: unknown }) => {
  try {
    const answer = await handler(event, { awsRequestId: `lambda-${id}` });
    process.send?.({ id, answer });
  } catch (error) {
    process.send?.({ id, thrown: error instanceof Error ? error.message : String(error) });
  }
});
process.send?.({ loaded: true });
