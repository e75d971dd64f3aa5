/** Bundlers import an HTML file as its text (the loader in serverless.yml, the plugin in vitest.config.ts). */
declare module "*.html" {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: the loaders export the text so.
  export default text;
}
