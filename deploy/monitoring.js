// @ts-check
// Alarms, the metrics that are counted in logs, and the operator's one page. Of the logs they use only lines of
// WARN and ERROR, so that they are the same whatever `logLevel` is. Functions are named as logical ids have them.

/**
 * A line of Lambda's own about an invocation that ran out of time or crashed, or a function that did not load.
 * Lambda's system log level WARN keeps them. Not each `error`: an authorizer of a REST API throws its refusals.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
const BROKEN =
  '($.record.status = "timeout") || ($.record.status = "failure") || ' +
  '(($.type = "platform.initReport") && ($.record.status = "error"))';

/** The functions that log decisions. */
const DECIDING = ["Authorizer", "Verify", "Session", "Login", "Logout", "Qr", "Regenerate"];

/**
 * Metrics that are counted in logs: the pattern, and the functions in whose logs.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export const LOG_METRICS = {
  // Reads of secrets that failed count too: the function is about to lose them.
  AuthorizerFailures: {
    pattern: `{ ($.outcome = "failed") || ${BROKEN} }`,
    functions: ["Authorizer", "Verify"],
  },
  LoginFailures: {
    pattern: `{ ((($.event = "session_exchange") || ($.event = "login")) && ($.outcome = "failed")) || ${BROKEN} }`,
    functions: ["Session", "Login"],
  },
  // Not refusals of every kind: scanners come without a token, and old ones expire.
  WrongTokens: {
    pattern: '{ ($.reason = "wrong_master") || ($.reason = "bad_mac") }',
    functions: ["Authorizer", "Verify", "Session", "Login"],
  },
  // Whatever became of it.
  Regenerations: {
    pattern: `{ ($.event = "token_regeneration") || ${BROKEN} }`,
    functions: ["Regenerate"],
  },
};

/**
 * The metric filters, the alarms and the CloudWatch dashboard.
 *
 * @param {import("./settings.js").Settings} settings
 */
export function monitoring({ alarmTopicArn }) {
  return { Resources: { ...metricFilters(), ...alarms(alarmTopicArn), Dashboard: dashboard() } };
}

function metricFilters() {
  const MetricNamespace = { Ref: "AWS::StackName" };
  const filters = Object.entries(LOG_METRICS).flatMap(([MetricName, { pattern, functions }]) => {
    const counted = { MetricNamespace, MetricName, MetricValue: "1", DefaultValue: 0 };
    return functions.map((each) => {
      const LogGroupName = { Ref: `${each}LogGroup` };
      const Properties = { LogGroupName, FilterPattern: pattern, MetricTransformations: [counted] };
      return [`${each}${MetricName}Filter`, { Type: "AWS::Logs::MetricFilter", Properties }];
    });
  });
  return Object.fromEntries(filters);
}

/** What an operator must know at once. */
const ALARMS = {
  RegenerationAlarm: {
    AlarmDescription:
      "The master token was regenerated, or someone tried. If it was not you, follow the runbook.",
    ...counted("Regenerations", 60),
  },
  // Not the functions' Errors: a REST API's refusals are thrown, and count there.
  AuthorizerFailuresAlarm: {
    AlarmDescription:
      "Authorizer or verify cannot read the secrets, or does not run. It allows no request.",
    ...counted("AuthorizerFailures", 60),
    EvaluationPeriods: 5,
    DatapointsToAlarm: 3,
  },
  LoginFailuresAlarm: {
    AlarmDescription:
      "Exchange or login cannot read the secrets, or does not run. No session is created.",
    ...counted("LoginFailures", 300),
  },
  WrongTokensAlarm: {
    AlarmDescription:
      "Many wrong master tokens, or tokens with a wrong MAC: an attacker may be guessing.",
    ...counted("WrongTokens", 300, 100),
  },
  RotationErrorsAlarm: {
    AlarmDescription: "A rotation of the HMAC key failed. Secrets Manager retries it.",
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Dimensions: [{ Name: "FunctionName", Value: { Ref: "RotateLambdaFunction" } }],
    Period: 300,
    Threshold: 1,
  },
};

/** @type {(MetricName: keyof typeof LOG_METRICS, seconds: number, Threshold?: number) => object} */
function counted(MetricName, Period, Threshold = 1) {
  return { Namespace: { Ref: "AWS::StackName" }, MetricName, Period, Threshold };
}

/** @param {string | null} topic ARN */
function alarms(topic) {
  const common = {
    Statistic: "Sum",
    EvaluationPeriods: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
    ...(topic !== null && { AlarmActions: [topic] }),
  };
  const entries = Object.entries(ALARMS).map(([id, properties]) => {
    return [id, { Type: "AWS::CloudWatch::Alarm", Properties: { ...common, ...properties } }];
  });
  return Object.fromEntries(entries);
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function dashboard() {
  const logs = DECIDING.map((name) => `SOURCE '\${${name}LogGroup}'`).join(" | ");
  const region = `\${AWS::Region}`;
  const api = (/** @type {string} */ metric) => ["AWS/ApiGateway", metric, "ApiId", `\${HttpApi}`];
  const stack = (/** @type {string} */ metric) => [`\${AWS::StackName}`, metric];
  const lambda = (/** @type {string[]} */ ...[name, metric, label]) => [
    ...["AWS/Lambda", metric, "FunctionName", `\${${name}LambdaFunction}`],
    { label },
  ];
  /** @type {unknown[][]} each: the title, the statistic, the metrics */
  const metrics = [
    ["Requests", "Sum", api("Count"), api("4xx"), api("5xx")],
    ["Latency of the API, ms", "p95", api("Latency"), api("IntegrationLatency")],
    [
      "Exchanges, logins, and what the proxy asked",
      "Sum",
      lambda("Session", "Invocations", "exchanges"),
      lambda("Login", "Invocations", "logins"),
      lambda("Verify", "Invocations", "asked"),
    ],
    ["Authorizer, ms", "p95", lambda("Authorizer", "Duration", "duration")],
    [
      "Authorizer",
      "Sum",
      lambda("Authorizer", "Invocations", "invocations"),
      lambda("Authorizer", "Throttles", "throttled"),
      stack("AuthorizerFailures"),
    ],
    ["Watched by alarms", "Sum", ...["WrongTokens", "LoginFailures", "Regenerations"].map(stack)],
    [
      "Rotation steps of the HMAC key",
      "Sum",
      lambda("Rotate", "Invocations", "steps"),
      lambda("Rotate", "Errors", "failed"),
    ],
  ];
  const queries = {
    "Refusals by reason":
      'filter outcome = "refused" | stats count(*) as refusals by event, reason | sort refusals desc',
    "Secret reads that failed":
      'filter event = "secret_read" | stats count(*) as failures by secret, reason, error',
  };
  const widgets = [
    ...metrics.map(([title, stat, ...found]) => ({
      type: "metric",
      properties: { title, stat, period: 300, region, metrics: found },
    })),
    ...Object.entries(queries).map(([title, text]) => ({
      type: "log",
      properties: { title, region, query: `${logs} | ${text}`, view: "table" },
    })),
  ].map((widget, i) => {
    const place = { x: (i % 3) * 8, y: Math.floor(i / 3) * 6, width: 8, height: 6 };
    return { ...place, ...widget };
  });
  return {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: {
      // Dashboards are the account's, not a region's.
      DashboardName: { "Fn::Sub": `\${AWS::StackName}-\${AWS::Region}` },
      DashboardBody: { "Fn::Sub": JSON.stringify({ widgets }) },
    },
  };
}
