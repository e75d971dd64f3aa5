/**
 * A program, for a process of its own: loads one handler's module once for each environment that
 * its standard input holds (JSON: the module's path, and settings for each load), and prints for
 * each what the load threw, or null.
 */
import { text } from "node:stream/consumers";

const { module, environments } = JSON.parse(await text(process.stdin));
const outcomes: (string | null)[] = [];
for (const [load, environment] of environments.entries()) {
  for (const [variable, value] of Object.entries<string | null>(environment)) {
    if (value === null) delete process.env[variable];
    else process.env[variable] = value;
  }
  // Another query is another module: it is evaluated again.
  outcomes.push(
    await import(`${module}?load=${load}`).then(
      () => null,
      (error) => String(error),
    ),
  );
}
process.stdout.write(JSON.stringify(outcomes));
