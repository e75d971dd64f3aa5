import { readPageSettings } from "../lib/config.ts";
import { createPage } from "../lib/functions/page.ts";

export const handler = createPage(readPageSettings(process.env));
