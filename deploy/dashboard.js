// @ts-check

/** The functions that log decisions, by the name of their log groups. */
const DECIDING = ["authorizer", "verify", "session", "login", "logout", "qr", "regenerate"];

/**
 * A CloudWatch dashboard: the operator's one page. Of the logs it uses only lines of WARN and ERROR,
 * so that it is the same whatever `logLevel` is.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources({ resolveConfigurationProperty, resolveVariable }) {
  const service = await resolveConfigurationProperty(["service"]);
  const prefix = `${service}-${await resolveVariable("sls:stage")}`;
  const logs = DECIDING.map((name) => `SOURCE '/aws/lambda/${prefix}-${name}'`).join(" | ");
  const widgets = [
    metrics("Requests", "Sum", [api("Count"), api("4xx"), api("5xx")]),
    metrics("Latency of the API, ms", "p95", [api("Latency"), api("IntegrationLatency")]),
    metrics("Exchanges and logins", "Sum", [
      lambda("Invocations", "Session", "exchanges"),
      lambda("Invocations", "Login", "logins"),
    ]),
    metrics("Authorizer, ms", "p95", [lambda("Duration", "Authorizer", "duration")]),
    metrics("Authorizer", "Sum", [
      lambda("Invocations", "Authorizer", "invocations"),
      lambda("Throttles", "Authorizer", "throttled"),
      stack("AuthorizerFailures"),
    ]),
    metrics("Watched by alarms", "Sum", [
      stack("WrongTokens"),
      stack("LoginFailures"),
      stack("Regenerations"),
    ]),
    metrics("Rotation steps of the HMAC key", "Sum", [
      lambda("Invocations", "Rotate", "steps"),
      lambda("Errors", "Rotate", "failed"),
    ]),
    query(
      "Refusals by reason",
      `${logs} | filter outcome = "refused" | stats count(*) as refusals by event, reason | sort refusals desc`,
    ),
    query(
      "Secret reads that failed",
      `${logs} | filter event = "secret_read" | stats count(*) as failures by secret, reason, error`,
    ),
  ];
  return {
    Resources: {
      Dashboard: {
        Type: "AWS::CloudWatch::Dashboard",
        Properties: {
          // Dashboards are the account's, not a region's.
          DashboardName: { "Fn::Sub": `\${AWS::StackName}-\${AWS::Region}` },
          DashboardBody: { "Fn::Sub": JSON.stringify({ widgets: placed(widgets) }) },
        },
      },
    },
  };
}

/**
 * Three in a row.
 *
 * @param {object[]} widgets
 */
function placed(widgets) {
  return widgets.map((widget, i) => ({
    x: (i % 3) * 8,
    y: Math.floor(i / 3) * 6,
    width: 8,
    height: 6,
    ...widget,
  }));
}

/**
 * @param {string} title
 * @param {string} stat
 * @param {unknown[][]} found
 */
function metrics(title, stat, found) {
  const region = `\${AWS::Region}`;
  return { type: "metric", properties: { title, stat, period: 300, region, metrics: found } };
}

/**
 * @param {string} title
 * @param {string} text of CloudWatch Logs Insights
 */
function query(title, text) {
  const region = `\${AWS::Region}`;
  return { type: "log", properties: { title, region, query: text, view: "table" } };
}

/** @param {string} metric */
function api(metric) {
  return ["AWS/ApiGateway", metric, "ApiId", `\${HttpApi}`];
}

/**
 * @param {string} metric
 * @param {string} name of the function, as in logical ids
 * @param {string} label
 */
function lambda(metric, name, label) {
  return ["AWS/Lambda", metric, "FunctionName", `\${${name}LambdaFunction}`, { label }];
}

/** @param {import("./log-metrics.js").LogMetric} metric */
function stack(metric) {
  return [`\${AWS::StackName}`, metric];
}
