/**
 * Loaded before a function's module: its wall clock steps, and its code breaks, as a file says. Lambda has
 * no such file.
 */
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { now } = Date;
const { timingSafeEqual } = crypto;

/** @returns {{ stepSeconds?: number, isBroken?: boolean }} */
const state = () => JSON.parse(readFileSync(process.env.TEST_STATE ?? "", "utf8"));

Date.now = () => now() + (state().stepSeconds ?? 0) * 1_000;
crypto.timingSafeEqual = (...values) => {
  if (state().isBroken) throw new TypeError(`cannot compare ${values.map(String)}`);
  return timingSafeEqual(...values);
};
syncBuiltinESMExports();
