import { type Check, judge } from "../check.ts";
import { jsonOf } from "../client.ts";

const PATHS = ["/healthz", "/api/v1/healthz"];

export const healthz: Check = {
  name: "healthz",
  claim: "GET and HEAD /healthz respond 200 without a credential, also under /api/v1",
  advice: "look at the healthz function's log, and for a proxy or a WAF in front of the gateway",
  async run({ send }) {
    const problems = PATHS.map(async (path) => {
      const [get, head] = await Promise.all([send(`GET ${path}`), send(`HEAD ${path}`)]);
      return [
        get.status !== 200 && `GET ${path} responded ${get.status}`,
        JSON.stringify(jsonOf(get)) !== '{"ok":true}' && `GET ${path} has another body`,
        head.status !== 200 && `HEAD ${path} responded ${head.status}`,
      ];
    });
    return judge((await Promise.all(problems)).flat());
  },
};
