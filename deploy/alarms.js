// @ts-check
import { checkedSettings } from "./parameters.js";

/**
 * The alarms: what an operator must know at once.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { alarmTopicArn } = await checkedSettings(resolvers);
  const actions = alarmTopicArn === null ? {} : { AlarmActions: [alarmTopicArn] };
  return {
    Resources: {
      RegenerationAlarm: alarm(actions, {
        AlarmDescription:
          "The master token was regenerated, or someone tried. If it was not you, follow the runbook.",
        ...logMetric("Regenerations"),
        ...within(60, 1),
      }),
      // Not the function's Errors: a REST API's refusals are thrown, and count there.
      AuthorizerFailuresAlarm: alarm(actions, {
        AlarmDescription:
          "The authorizer cannot read its secrets, or does not run. No request is allowed.",
        ...logMetric("AuthorizerFailures"),
        ...within(60, 1),
        EvaluationPeriods: 5,
        DatapointsToAlarm: 3,
      }),
      LoginFailuresAlarm: alarm(actions, {
        AlarmDescription:
          "Exchange or login cannot read the secrets, or does not run. No session is created.",
        ...logMetric("LoginFailures"),
        ...within(300, 1),
      }),
      WrongTokensAlarm: alarm(actions, {
        AlarmDescription:
          "Many wrong master tokens, or tokens with a wrong MAC: an attacker may be guessing.",
        ...logMetric("WrongTokens"),
        ...within(300, 100),
      }),
      RotationErrorsAlarm: alarm(actions, {
        AlarmDescription: "A rotation of the HMAC key failed. Secrets Manager retries it.",
        Namespace: "AWS/Lambda",
        MetricName: "Errors",
        Dimensions: [{ Name: "FunctionName", Value: { Ref: "RotateLambdaFunction" } }],
        ...within(300, 1),
      }),
    },
  };
}

/**
 * @param {object} actions
 * @param {object} properties
 */
function alarm(actions, properties) {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      Statistic: "Sum",
      EvaluationPeriods: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      ...properties,
      ...actions,
    },
  };
}

/**
 * @param {import("./log-metrics.js").LogMetric} name
 */
function logMetric(name) {
  return { Namespace: { Ref: "AWS::StackName" }, MetricName: name };
}

/**
 * @param {number} seconds
 * @param {number} threshold
 */
function within(seconds, threshold) {
  return { Period: seconds, Threshold: threshold };
}
