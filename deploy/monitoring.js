// @ts-check
// Alarms, the metrics that are counted in logs, and the operator's one page. Of the logs they use only lines of
// WARN and ERROR, so that they are the same whatever `logLevel` is.

/**
 * A line of Lambda's own about an invocation that ran out of time or crashed, or a function that did not
 * load. Lambda's system log level WARN keeps them. Not each `error`: an authorizer of a REST API throws its
 * refusals.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
const BROKEN =
  '($.record.status = "timeout") || ($.record.status = "failure") || ' +
  '(($.type = "platform.initReport") && ($.record.status = "error"))';

/**
 * Metrics that are counted in logs: metric filter pattern, and the functions in whose logs, as logical ids have them.
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

/** The functions that log decisions. */
const DECIDING = ["Authorizer", "Verify", "Session", "Login", "Logout", "Qr", "Regenerate"];

/**
 * The metric filters, the alarms and the CloudWatch dashboard.
 *
 * @param {import("./settings.js").Settings} settings
 */
export function monitoring({ alarmTopicArn }) {
  return { Resources: { ...metricFilters(), ...alarms(alarmTopicArn), Dashboard: dashboard() } };
}

function metricFilters() {
  return Object.fromEntries(
    Object.entries(LOG_METRICS).flatMap(([name, { pattern, functions }]) =>
      functions.map((each) => [
        `${each}${name}Filter`,
        {
          Type: "AWS::Logs::MetricFilter",
          Properties: {
            LogGroupName: { Ref: `${each}LogGroup` },
            FilterPattern: pattern,
            MetricTransformations: [
              {
                MetricNamespace: { Ref: "AWS::StackName" },
                MetricName: name,
                MetricValue: "1",
                DefaultValue: 0,
              },
            ],
          },
        },
      ]),
    ),
  );
}

/**
 * What an operator must know at once.
 *
 * @param {string | null} topic ARN
 */
function alarms(topic) {
  return {
    RegenerationAlarm: alarm(topic, logMetric("Regenerations"), 60, 1, {
      AlarmDescription:
        "The master token was regenerated, or someone tried. If it was not you, follow the runbook.",
    }),
    // Not the functions' Errors: a REST API's refusals are thrown, and count there.
    AuthorizerFailuresAlarm: alarm(topic, logMetric("AuthorizerFailures"), 60, 1, {
      AlarmDescription:
        "Authorizer or verify cannot read the secrets, or does not run. It allows no request.",
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
    }),
    LoginFailuresAlarm: alarm(topic, logMetric("LoginFailures"), 300, 1, {
      AlarmDescription:
        "Exchange or login cannot read the secrets, or does not run. No session is created.",
    }),
    WrongTokensAlarm: alarm(topic, logMetric("WrongTokens"), 300, 100, {
      AlarmDescription:
        "Many wrong master tokens, or tokens with a wrong MAC: an attacker may be guessing.",
    }),
    RotationErrorsAlarm: alarm(topic, functionErrors("Rotate"), 300, 1, {
      AlarmDescription: "A rotation of the HMAC key failed. Secrets Manager retries it.",
    }),
  };
}

/**
 * @param {string | null} topic ARN
 * @param {object} metric
 * @param {number} periodSeconds
 * @param {number} threshold from which the alarm goes off
 * @param {object} properties
 */
function alarm(topic, metric, periodSeconds, threshold, properties) {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      ...metric,
      Statistic: "Sum",
      Period: periodSeconds,
      EvaluationPeriods: 1,
      Threshold: threshold,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      ...properties,
      ...(topic !== null && { AlarmActions: [topic] }),
    },
  };
}

/** @param {keyof typeof LOG_METRICS} name */
function logMetric(name) {
  return { Namespace: { Ref: "AWS::StackName" }, MetricName: name };
}

/** @param {string} name of the function */
function functionErrors(name) {
  const Value = { Ref: `${name}LambdaFunction` };
  return {
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Dimensions: [{ Name: "FunctionName", Value }],
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
function dashboard() {
  const logs = DECIDING.map((name) => `SOURCE '\${${name}LogGroup}'`).join(" | ");
  const widgets = [
    metrics("Requests", "Sum", [api("Count"), api("4xx"), api("5xx")]),
    metrics("Latency of the API, ms", "p95", [api("Latency"), api("IntegrationLatency")]),
    metrics("Exchanges, logins, and what the proxy asked", "Sum", [
      lambda("Invocations", "Session", "exchanges"),
      lambda("Invocations", "Login", "logins"),
      lambda("Invocations", "Verify", "asked"),
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
  const place = (/** @type {number} */ i) => ({ x: (i % 3) * 8, y: Math.floor(i / 3) * 6 });
  const placed = widgets.map((widget, i) => ({ ...place(i), width: 8, height: 6, ...widget }));
  return {
    Type: "AWS::CloudWatch::Dashboard",
    Properties: {
      // Dashboards are the account's, not a region's.
      DashboardName: { "Fn::Sub": `\${AWS::StackName}-\${AWS::Region}` },
      DashboardBody: { "Fn::Sub": JSON.stringify({ widgets: placed }) },
    },
  };
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
 * @param {string} name of the function
 * @param {string} label
 */
function lambda(metric, name, label) {
  return ["AWS/Lambda", metric, "FunctionName", `\${${name}LambdaFunction}`, { label }];
}

/** @param {keyof typeof LOG_METRICS} metric */
function stack(metric) {
  return [`\${AWS::StackName}`, metric];
}
