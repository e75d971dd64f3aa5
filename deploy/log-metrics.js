// @ts-check

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
 * Metrics that are counted in logs, by log group (logical id) and metric filter pattern.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export const LOG_METRICS = {
  // Reads of secrets that failed count too: the authorizer is about to lose them.
  AuthorizerFailures: {
    pattern: `{ ($.outcome = "failed") || ${BROKEN} }`,
    logGroups: ["AuthorizerLogGroup", "VerifyLogGroup"],
  },
  LoginFailures: {
    pattern: `{ ((($.event = "session_exchange") || ($.event = "login")) && ($.outcome = "failed")) || ${BROKEN} }`,
    logGroups: ["SessionLogGroup", "LoginLogGroup"],
  },
  // Not refusals of every kind: scanners come without a token, and old ones expire.
  WrongTokens: {
    pattern: '{ ($.reason = "wrong_master") || ($.reason = "bad_mac") }',
    logGroups: ["AuthorizerLogGroup", "VerifyLogGroup", "SessionLogGroup", "LoginLogGroup"],
  },
  // Whatever became of it.
  Regenerations: {
    pattern: `{ ($.event = "token_regeneration") || ${BROKEN} }`,
    logGroups: ["RegenerateLogGroup"],
  },
};

/** @typedef {keyof typeof LOG_METRICS} LogMetric */

/**
 * The metric filters.
 */
export function resources() {
  return {
    Resources: Object.fromEntries(
      Object.entries(LOG_METRICS).flatMap(([name, { pattern, logGroups }]) =>
        logGroups.map((logGroup) => [
          `${logGroup.replace("LogGroup", "")}${name}Filter`,
          {
            Type: "AWS::Logs::MetricFilter",
            Properties: {
              LogGroupName: { Ref: logGroup },
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
    ),
  };
}
