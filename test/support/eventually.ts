import { vi } from "vitest";

/** Resolves once the condition holds; rejects when it does not within the limit. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  limitMilliseconds = 10_000,
): Promise<void> {
  await vi.waitUntil(condition, { timeout: limitMilliseconds, interval: 20 });
}
