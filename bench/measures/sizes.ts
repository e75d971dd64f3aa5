import { bundle } from "../bundles.ts";
import type { Options } from "../options.ts";
import type { Section, Target } from "../report.ts";
import type { Subject } from "../subject.ts";

/** 2 KB more than before login, pairing tokens and CSRF came. */
const LIMITS_KB = { session: 35, authorizer: 38 };

/** What each zip holds. */
export async function measureSizes(_: Options, { product }: Subject): Promise<Section> {
  const others = await Promise.all(["limit", "sdk", "sdk-trimmed", "typical"].map(bundle));
  const labels: Readonly<Record<string, string>> = {
    limit: "the same reads signed by hand (the limit)",
    sdk: "the SDK's client as it comes",
    "sdk-trimmed": "the SDK's client, trimmed",
    typical: "middy, Powertools, jose",
  };
  const rows = [...Object.values(product), ...others].map(({ name, size, zippedSize }) => [
    labels[name] ?? name,
    kilobytes(size),
    kilobytes(zippedSize),
  ]);
  return {
    title: "bundle sizes",
    method: "As `npm run package` makes them: ES modules, minified. 1 KB is 1,000 bytes.",
    table: [["", "bundle, KB", "zip, KB"], ...rows],
    targets: Object.entries(LIMITS_KB).map(([name, limit]): Target => {
      const size = product[name]?.size ?? Number.NaN;
      return {
        measure: `bundle of a hot function: ${name}`,
        toReach: `at most ${limit} KB`,
        measured: `${kilobytes(size)} KB`,
        reached: size <= limit * 1000,
      };
    }),
  };
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
