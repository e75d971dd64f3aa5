/**
 * Asks again and again.
 *
 * @param ask one round of requests
 * @returns what ends it, after at least one more round, and returns the results of all rounds
 */
export function watchForOutages<T>(ask: () => Promise<T>): () => Promise<T[]> {
  const results: T[] = [];
  let isEnding = false;
  const asking = (async () => {
    for (let isLast = false; !isLast; ) {
      isLast = isEnding;
      results.push(await ask());
    }
  })();
  // The caller learns of a failure at the end.
  asking.catch(() => undefined);
  return async () => {
    isEnding = true;
    await asking;
    return results;
  };
}
