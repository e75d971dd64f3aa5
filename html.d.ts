// The page is imported as text: esbuild's loader in the packages, a plugin of vitest.config.ts in the tests.
declare module "*.html" {
  const text: string;
  export default text;
}
