/**
 * Whether a line matches a metric filter's JSON pattern: comparisons of strings, `&&`, `||` and brackets.
 * Where both operators meet, the pattern must say by brackets what it means.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 *
 * @throws Error for a pattern that it does not understand
 */
export function matches(pattern: string, line: unknown): boolean {
  const tokens = pattern.match(/\$[\w.]+|"[^"]*"|&&|\|\||[(){}=]|\S+/g) ?? [];
  let position = 0;
  const next = () => tokens[position++];
  const expect = (token: string) => {
    const found = next();
    if (found !== token) throw new Error(`${pattern}: ${found} in the place of ${token}`);
  };
  const term = (): boolean => {
    const token = next();
    if (token === "(") {
      const value = expression();
      expect(")");
      return value;
    }
    if (!token?.startsWith("$.")) throw new Error(`${pattern}: ${token} is no selector`);
    expect("=");
    const wanted: unknown = JSON.parse(next() ?? "");
    return valueAt(line, token.slice(2).split(".")) === wanted;
  };
  const expression = (): boolean => {
    let value = term();
    const operator = tokens[position];
    while (tokens[position] === "&&" || tokens[position] === "||") {
      if (next() !== operator) throw new Error(`${pattern}: && beside ||`);
      const other = term();
      value = operator === "&&" ? value && other : value || other;
    }
    return value;
  };
  expect("{");
  const value = expression();
  expect("}");
  return value;
}

function valueAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value;
  const record =
    typeof value === "object" && value !== null ? new Map(Object.entries(value)) : new Map();
  return valueAt(record.get(name), rest);
}
